namespace Benchmarks.Tunnels;

/// <summary>Says what a process of a peer is to be.</summary>
internal sealed record PeerRole
{
    public required string User { get; init; }

    public required Uri Coordinator { get; init; }

    /// <summary>The site.</summary>
    public required string Folder { get; init; }

    public required string StateFolder { get; init; }

    public bool IsSecure { get; init; }

    public bool IsProxy { get; init; }

    /// <summary>Whether connecting to where it says that it is fails.</summary>
    public bool IsWalled { get; init; }
}
