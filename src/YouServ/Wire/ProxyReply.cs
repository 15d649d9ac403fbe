namespace P2P.YouServ.Wire;

/// <summary>Names a peer that carries connections for others.</summary>
internal sealed record ProxyReply
{
    /// <summary>Whose peer it is.</summary>
    public required string Site { get; init; }

    /// <summary>Its host, under which it is to be asked.</summary>
    public required string Host { get; init; }

    public required IReadOnlyList<string> Addresses { get; init; }

    public required int Port { get; init; }

    public required bool IsSecure { get; init; }

    /// <summary>What shows the proxy that it may carry this site: a <see cref="TunnelPass"/> that is signed.</summary>
    public required string Pass { get; init; }
}
