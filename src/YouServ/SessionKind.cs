namespace P2P.YouServ;

/// <summary>Says what a session at the coordinator is good for.</summary>
public enum SessionKind
{
    /// <summary>A person's browser.</summary>
    Browser,

    /// <summary>A peer, which serves the person's site.</summary>
    Peer,
}
