using P2P.Pastry;

namespace Game.World;

/// <summary>Is another player's ship as it was last heard of.</summary>
/// <param name="Id">Who it is.</param>
/// <param name="Flight">How it flew.</param>
/// <param name="Health">How many more hits it stands; 0 while it is gone.</param>
/// <param name="Marks">What else can be seen of it.</param>
/// <param name="SaidAt">When it said so, in seconds by its own clock.</param>
/// <param name="HeardAt">When that was heard.</param>
internal sealed record Other(NodeId Id, Flight Flight, int Health, Marks Marks, double SaidAt, double HeardAt);

/// <summary>Says what can be seen of a ship.</summary>
[Flags]
internal enum Marks
{
    None = 0,

    /// <summary>Its engine burns.</summary>
    Burning = 1,

    /// <summary>Nothing hits it.</summary>
    Shielded = 2,

    All = Burning | Shielded,
}
