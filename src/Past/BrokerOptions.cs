namespace P2P.Past;

/// <summary>Sets the rules of a broker.</summary>
public sealed record BrokerOptions
{
    /// <summary>
    /// How much of what nodes contribute owners may use, more than 0 to 1; default 0.8. Replicas do not spread evenly: the nearer demand comes to supply, the more
    /// inserts find a full node.
    /// </summary>
    public double GrantFraction { get; init; } = 0.8;

    /// <summary>
    /// What a replica counts at least, in bytes, 1 to 1 MiB; default 512, what its certificate and hashes take. A file counts k times that, or k times its length.
    /// With a higher value small files cost more; none is free, since each takes the broker a row for ever.
    /// </summary>
    public long ReplicaBytesMin { get; init; } = 512;

    /// <summary>
    /// How long a permit can be used to insert its file, a minute to 7 days; default 1 day. A higher value lets interrupted inserts be resumed later. It has to
    /// stay well below the time for which nodes remember what was taken back (<see cref="PastOptions.ReclaimRetention"/>): else a file could be taken back,
    /// credited, and inserted again with its old permit.
    /// </summary>
    public TimeSpan PermitLifetime { get; init; } = TimeSpan.FromDays(1);

    /// <summary>
    /// How much a node may contribute, in bytes, 1 to 2⁴⁶; default 1 TiB. More counts as this much. A contribution is a claim that nobody has proven; a higher
    /// value believes more of it.
    /// </summary>
    public long ContributionBytesMax { get; init; } = 1L << 40;

    /// <summary>
    /// How long a contribution counts at most without being renewed, a minute to 365 days; default 30 days. Nodes ask for less; a higher value counts for longer
    /// on who is gone.
    /// </summary>
    public TimeSpan ContributionLifetimeMax { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How many nodes may contribute, 1 to 65,536; default 65,536. Each takes about 300 bytes of memory. Further ones are refused.</summary>
    public int ContributorsMax { get; init; } = 65_536;

    /// <summary>Checks the options.</summary>
    /// <exception cref="PastException">An option is outside of its range.</exception>
    public void Validate()
    {
        PastException.Require(GrantFraction is > 0 and <= 1, nameof(GrantFraction), GrantFraction, "more than 0 to 1");
        PastException.Require(ReplicaBytesMin is >= 1 and <= 1 << 20, nameof(ReplicaBytesMin), ReplicaBytesMin, "1 to 1 MiB");
        PastException.Require(IsWithin(PermitLifetime, TimeSpan.FromMinutes(1), TimeSpan.FromDays(7)), nameof(PermitLifetime), PermitLifetime, "a minute to 7 days");
        PastException.Require(ContributionBytesMax is >= 1 and <= 1L << 46, nameof(ContributionBytesMax), ContributionBytesMax, "1 to 2⁴⁶");
        PastException.Require(
            IsWithin(ContributionLifetimeMax, TimeSpan.FromMinutes(1), TimeSpan.FromDays(365)),
            nameof(ContributionLifetimeMax),
            ContributionLifetimeMax,
            "a minute to 365 days");
        PastException.Require(ContributorsMax is >= 1 and <= 65_536, nameof(ContributorsMax), ContributorsMax, "1 to 65,536");
    }

    private static bool IsWithin(TimeSpan value, TimeSpan min, TimeSpan max) => value >= min && value <= max;
}
