namespace P2P.Pastry.Transport.Tcp;

/// <summary>Decides which connection gives way when there are too many: the one whose loss costs least.</summary>
/// <remarks>
/// What strangers do counts for little: a connection is useful by what the nodes of this host want of it. So whoever makes many connections here
/// pushes out others of his kind, and idle ones, but none over which this host routes.
/// </remarks>
internal static class EvictionPolicy
{
    /// <summary>A connection that no node of this host has written to for so long is worth less than any other.</summary>
    public static readonly TimeSpan IdleAfter = TimeSpan.FromMinutes(1);

    /// <summary>From the least to the most useful.</summary>
    public enum Standing
    {
        /// <summary>Nobody needs it, and nobody here has written to it lately.</summary>
        Idle,

        /// <summary>A stranger made it, and nobody here has had anything to say to him.</summary>
        Untried,

        /// <summary>A stranger made it, and was answered.</summary>
        Answered,

        /// <summary>A node of this host asked for it.</summary>
        Wanted,

        /// <summary>A node of this host routes over a node at its far end.</summary>
        Known,

        /// <summary>A node at its far end is the neighbour of one of this host.</summary>
        Neighbor,
    }

    /// <summary>Tells what a connection is worth, apart from when it was used last.</summary>
    public static Standing StandingOf(in ConnectionUse use) => use switch
    {
        { Need: PeerNeed.Neighbor } => Standing.Neighbor,
        { Need: PeerNeed.Known } => Standing.Known,
        _ when use.UnusedFor >= IdleAfter => Standing.Idle,
        { DialledHere: true } => Standing.Wanted,
        { WasUsed: true } => Standing.Answered,
        _ => Standing.Untried,
    };

    /// <summary>Orders connections by their use: below zero, the left one gives way first. Among equals it is the one that was not used for longer.</summary>
    public static int Compare(in ConnectionUse left, in ConnectionUse right)
    {
        var order = StandingOf(left).CompareTo(StandingOf(right));
        return order != 0 ? order : right.UnusedFor.CompareTo(left.UnusedFor);
    }
}

/// <summary>Is what a connection has been good for.</summary>
/// <param name="Need">How much the nodes of this host need the one at its far end that they need most.</param>
/// <param name="DialledHere">Whether this host made it, because a node asked for it.</param>
/// <param name="WasUsed">Whether a node of this host has ever written to it.</param>
/// <param name="UnusedFor">How long it is since one wrote to it last, or since it was made.</param>
internal readonly record struct ConnectionUse(PeerNeed Need, bool DialledHere, bool WasUsed, TimeSpan UnusedFor);
