namespace P2P.Pastry;

/// <summary>Is a message on its way, as the node sees it that is about to pass it on.</summary>
public record struct ForwardedMessage
{
    /// <summary>Where it is routed to.</summary>
    public NodeId Key { get; init; }

    /// <summary>How many hops it has made; 0 at the node where it starts.</summary>
    public int Hops { get; init; }

    /// <summary>Where it came from on its last hop, or null at the node where it starts.</summary>
    public NodeHandle? PreviousHop { get; init; }

    /// <summary>What it says. A handler may put another payload in its place.</summary>
    public Payload Payload { get; set; }

    /// <summary>Where it goes next, or null where this node is the closest to the key. A handler may send it elsewhere.</summary>
    public NodeHandle? NextHop { get; set; }
}
