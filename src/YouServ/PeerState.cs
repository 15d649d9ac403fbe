namespace P2P.YouServ;

/// <summary>Says how a peer fares.</summary>
public enum PeerState
{
    /// <summary>Nobody has signed in at the peer, or the sign-in has ended.</summary>
    SignedOut,

    /// <summary>The peer asks that its name points at it.</summary>
    Connecting,

    /// <summary>The name points at the peer, by the last that a coordinator has said; where none has answered since, <see cref="PeerStatus.Detail"/> tells.</summary>
    Serving,

    /// <summary>Nobody outside can reach the peer.</summary>
    Unreachable,

    /// <summary>Another machine of the user's serves the site.</summary>
    Replaced,
}
