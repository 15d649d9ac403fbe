namespace P2P.YouServ;

/// <summary>Asks for more time for a lease.</summary>
/// <param name="Site">The site.</param>
/// <param name="LeaseId">The lease, which must still be the site's.</param>
/// <param name="ExpiresAt">When it lapses from now on.</param>
public readonly record struct LeaseRenewal(SiteName Site, string LeaseId, DateTimeOffset ExpiresAt);
