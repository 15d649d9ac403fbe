namespace P2P.YouServ;

/// <summary>Is what became of a wish that concerns a replica.</summary>
public enum ReplicaResult
{
    /// <summary>It is done, or was so before.</summary>
    Done,

    /// <summary>There is no site of that name.</summary>
    NoSuchSite,

    /// <summary>A peer cannot keep a copy of its own site.</summary>
    OwnSite,

    /// <summary>The owner has not invited this peer, or no longer does.</summary>
    NotInvited,

    /// <summary>The site has as many replicas as there may be, or the peer keeps as many copies.</summary>
    TooMany,
}
