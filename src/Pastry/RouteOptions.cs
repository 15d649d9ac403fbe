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
}
