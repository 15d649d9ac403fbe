namespace P2P.Pastry;

/// <summary>Tells how a message is to be routed; the values can be combined.</summary>
[Flags]
public enum RouteOptions
{
    /// <summary>Nothing special.</summary>
    None = 0,

    /// <summary>
    /// The message names the node where it starts, so that whoever takes it can answer that node directly. Costs about 40 bytes a hop, and
    /// 20 more for each further address of the node.
    /// </summary>
    WithOrigin = 1,

    /// <summary>
    /// The message is delivered without waiting until nobody else may deliver it: as soon as a node takes itself for the closest one alive. In a crashed
    /// node's place others deliver other messages only when its leases have run out, half a minute at most, and such a message some seconds after
    /// the crash. A node that was given up although it lives, as in a cut of the network, may deliver as well; so it is for questions that more than
    /// one node can answer, not for what only one may decide.
    /// </summary>
    Prompt = 2,
}
