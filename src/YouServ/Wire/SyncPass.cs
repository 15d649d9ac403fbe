namespace P2P.YouServ.Wire;

/// <summary>Lets one peer copy one site, for a few minutes. The coordinator signs it.</summary>
internal sealed record SyncPass
{
    /// <summary>How long a pass holds.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(5);

    /// <summary>The host whose site may be copied.</summary>
    public required string Host { get; init; }

    /// <summary>The host whose peer may do so.</summary>
    public required string Holder { get; init; }

    /// <summary>When the pass ends; seconds since 1970.</summary>
    public required long Expires { get; init; }
}
