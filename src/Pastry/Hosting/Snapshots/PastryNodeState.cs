namespace P2P.Pastry;

/// <summary>Tells how far a node takes part in its ring.</summary>
public enum PastryNodeState
{
    /// <summary>It asks to be let in, or probes those that will be its neighbours.</summary>
    Joining,

    /// <summary>It routes, and waits for the leases of its ring neighbours to deliver.</summary>
    Joined,

    /// <summary>It routes and delivers.</summary>
    Ready,

    /// <summary>It has found everybody dead and may have been cut off itself: it serves nobody until it meets another node.</summary>
    Isolated,

    /// <summary>It has said farewell.</summary>
    Departed,
}
