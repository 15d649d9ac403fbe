namespace P2P.YouSearch.Protocol;

/// <summary>Says how much a registrar takes, and for how long.</summary>
internal sealed record RegistrarSettings
{
    /// <summary>In how many parts changes of a summary are wanted: 1, or one for each vector.</summary>
    public int Parts { get; init; } = 1;

    public int SitesMax { get; init; } = 100_000;

    public int CandidatesMax { get; init; } = 5_000;

    public TimeSpan Lifetime { get; init; } = TimeSpan.FromMinutes(15);

    public TimeSpan RefreshInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a site may register, on average.</summary>
    public TimeSpan RegistrationInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>How many registrations of one site may come together.</summary>
    public int RegistrationBurst { get; init; } = 10;

    public int CachedMax { get; init; } = 100_000;

    public int CachedPerSiteMax { get; init; } = 1_000;

    public TimeSpan CachedLifetime { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How often a site is looked for that is said to be silent.</summary>
    public TimeSpan ProbeInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many sites are looked for at once.</summary>
    public int ProbesMax { get; init; } = 32;
}
