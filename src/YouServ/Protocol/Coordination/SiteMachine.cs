namespace P2P.YouServ.Protocol;

/// <summary>
/// Decides who serves a site. Each step takes the site as it is and gives the site as it is to be; null says that nothing is to change. Coordinators that share a store may
/// decide at the same time: the store takes one of the decisions, and the others are made anew.
/// </summary>
internal static class SiteMachine
{
    /// <summary>A peer has proven that it serves the site. The latest that comes has it: who signs in on another machine means that one.</summary>
    public static SiteRecord Grant(SiteRecord site, SiteLease lease) => site with { Lease = lease, WasHeld = false };

    /// <summary>A peer says goodbye. A replica takes over, if there is one that can.</summary>
    public static SiteRecord? Release(SiteRecord site, string leaseId, SiteLease? successor) => site.Lease?.Id == leaseId ? Next(site, successor) : null;

    /// <summary>Time has gone by.</summary>
    public static SiteRecord? Lapse(SiteRecord site, DateTimeOffset now, SiteLease? successor) =>
        site.Lease is { } lease && lease.ExpiresAt <= now ? Next(site, successor) : null;

    /// <summary>A peer sends heartbeats, and nobody who connected to it found it.</summary>
    public static SiteRecord? Lose(SiteRecord site, string leaseId, SiteLease? successor) => Release(site, leaseId, successor);

    /// <summary>A replica can serve a site that nobody serves. Whoever serves it, the owner above all, keeps it.</summary>
    public static SiteRecord? StandIn(SiteRecord site, SiteLease successor) => site.Lease is null ? Next(site, successor) : null;

    private static SiteRecord Next(SiteRecord site, SiteLease? successor) => site with { Lease = successor, WasHeld = site.WasHeld || successor?.Holder is not null };
}
