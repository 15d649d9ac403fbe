namespace P2P.YouServ.Protocol;

/// <summary>What a peer does next about its lease.</summary>
internal enum LeaseStep
{
    /// <summary>Nothing, until its user does something.</summary>
    None,

    /// <summary>Ask for a lease.</summary>
    Ask,

    /// <summary>Send a heartbeat.</summary>
    Heartbeat,
}
