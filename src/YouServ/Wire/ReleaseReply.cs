namespace P2P.YouServ.Wire;

/// <summary>Who serves the site in place of the peer that has gone.</summary>
internal sealed record ReleaseReply
{
    /// <summary>Where it is; empty if nobody does.</summary>
    public IReadOnlyList<string> Addresses { get; init => field = value ?? []; } = [];

    public int Port { get; init; }
}
