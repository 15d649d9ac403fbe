namespace P2P.Pastry.Transport;

/// <summary>Tells why a transport lost a peer.</summary>
public enum PeerDownReason
{
    /// <summary>A connection broke without a farewell.</summary>
    ConnectionLost,

    /// <summary>The peer's machine answered that nobody listens there.</summary>
    Refused,

    /// <summary>Nobody answered in time, or the name could not be resolved.</summary>
    Unreachable,

    /// <summary>Who answered could not prove to be this node.</summary>
    IdentityMismatch,

    /// <summary>Who answered speaks no common version, or belongs to another ring.</summary>
    Incompatible,

    /// <summary>Who answered belongs to a closed ring, and did not admit a node of this host.</summary>
    NotAdmitted,

    /// <summary>The peer has said that it is about to stop, and takes no more streams.</summary>
    Leaving,
}
