namespace P2P.YouServ;

/// <summary>Says how a coordinator fares.</summary>
public sealed record CoordinatorHealth
{
    /// <summary>Whether all works.</summary>
    public bool IsHealthy => IsStoreReachable && NamesBehindSince is null && UnwatchedSince is null;

    /// <summary>Whether the store answers; how many sites there are is known only then.</summary>
    public required bool IsStoreReachable { get; init; }

    /// <summary>How long the store took to answer.</summary>
    public TimeSpan StoreRoundTrip { get; init; }

    /// <summary>How many sites there are.</summary>
    public long Sites { get; init; }

    /// <summary>How many of them a peer serves.</summary>
    public long SitesServed { get; init; }

    /// <summary>Since when DNS cannot be told where sites are; null while it can.</summary>
    public DateTimeOffset? NamesBehindSince { get; init; }

    /// <summary>Since when nobody looks for peers that have fallen silent, or for those that cannot be reached, because something fails; null while both is looked for.</summary>
    public DateTimeOffset? UnwatchedSince { get; init; }
}
