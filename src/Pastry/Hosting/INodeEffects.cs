using P2P.Pastry.Protocol;

namespace P2P.Pastry;

/// <summary>Carries out what a node's machine wants done beyond messages and timers. Called on the node's loop; must not block.</summary>
internal interface INodeEffects
{
    void Perform(Effect effect);
}
