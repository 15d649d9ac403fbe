namespace P2P.YouServ;

/// <summary>Keeps sites and the leases of those who serve them. A user has one site, and a site one name, for good.</summary>
/// <remarks>
/// Each change of a site (not a renewal) gets the next <see cref="SiteRecord.Version"/> of one sequence, from 1, and versions become visible in their order: once a reader has seen one, no lower
/// one appears any more but where a later change has taken its place. Coordinators publish to DNS by it, and a change that appeared behind their back would never be published.
/// A sequence of a database alone does not give that, as transactions end in any order.
/// </remarks>
public interface ISiteStore
{
    /// <summary>Gives the site of a user, who gets one at the first time and keeps its name.</summary>
    /// <param name="owner">The user.</param>
    /// <param name="displayName">What the user is called now.</param>
    /// <param name="candidates">Names for a new site, of which the first is taken that nobody has; may be endless.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The site; a new one, and one whose display name has changed, with a new version.</returns>
    /// <exception cref="YouServException">The candidates have come to an end, and somebody has each.</exception>
    ValueTask<SiteRecord> GetOrAddSiteAsync(UserId owner, string displayName, IEnumerable<SiteName> candidates, CancellationToken cancellationToken = default);

    /// <summary>Finds a site by its name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>The site; null if there is none.</returns>
    ValueTask<SiteRecord?> FindSiteAsync(SiteName name, CancellationToken cancellationToken = default);

    /// <summary>Replaces a site by its next state, unless it has changed since it was read.</summary>
    /// <param name="next">The next state, with the <see cref="SiteRecord.Version"/> of the state that it follows.</param>
    /// <param name="ifLapsedAt">
    /// Where it is given, the site is only replaced if its lease has lapsed at that moment: a renewal, which is no change, keeps a lease from being taken.
    /// </param>
    /// <param name="cancellationToken">Stops waiting; the change may be made nevertheless.</param>
    /// <returns>The site with its new version; null if another change or a renewal came first, or if there is no such site.</returns>
    ValueTask<SiteRecord?> TryReplaceSiteAsync(SiteRecord next, DateTimeOffset? ifLapsedAt = null, CancellationToken cancellationToken = default);

    /// <summary>Gives more time to leases, and nothing to those that another lease has replaced.</summary>
    /// <param name="renewals">The renewals.</param>
    /// <param name="cancellationToken">Stops waiting; leases may be renewed nevertheless.</param>
    /// <returns>For each renewal whether the lease was the site's.</returns>
    ValueTask<IReadOnlyList<bool>> RenewLeasesAsync(IReadOnlyList<LeaseRenewal> renewals, CancellationToken cancellationToken = default);

    /// <summary>Lists sites in the order of their names, whichever order of names the store has.</summary>
    /// <param name="after">The last name that is known already; the default value to start.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<SiteRecord>> ListSitesAsync(SiteName after, int count, CancellationToken cancellationToken = default);

    /// <summary>Counts sites.</summary>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>How many there are, and how many of them have a lease.</returns>
    ValueTask<(long All, long Served)> CountSitesAsync(CancellationToken cancellationToken = default);

    /// <summary>Lists sites in the order of their last changes: who has seen one version, and those before it, asks for what came after.</summary>
    /// <param name="after">The last version that is known already; 0 to start.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<SiteRecord>> ReadChangedSitesAsync(long after, int count, CancellationToken cancellationToken = default);

    /// <summary>Lists sites whose peers carry the connections of others, those with the least to carry first.</summary>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Each with how many sites' connections go through it.</returns>
    ValueTask<IReadOnlyList<(SiteRecord Site, long Load)>> ReadProxiesAsync(int count, CancellationToken cancellationToken = default);

    /// <summary>Lists sites with a lease that has lapsed, those first that have for longest.</summary>
    /// <param name="now">The moment: a lease has lapsed that expires then or before.</param>
    /// <param name="count">How many at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<SiteRecord>> ReadLapsedSitesAsync(DateTimeOffset now, int count, CancellationToken cancellationToken = default);
}
