namespace P2P.YouServ.Protocol;

/// <summary>Chooses which replicas may stand in for the peer of a site.</summary>
internal static class ReplicaChoice
{
    /// <summary>How many replicas a site has at most, those that have not accepted among them.</summary>
    public const int ReplicasMax = 8;

    /// <summary>Of how many sites a peer keeps copies, or is invited to, at most.</summary>
    public const int HeldMax = 64;

    /// <summary>Puts those that have a copy in the order in which they are to be asked: the most current first, and of equals the one that was heard last.</summary>
    /// <param name="replicas">The site's replicas.</param>
    /// <param name="excluding">Whose peer has just stopped to serve the site; null for nobody's.</param>
    public static IEnumerable<ReplicaRecord> Order(IEnumerable<ReplicaRecord> replicas, SiteName? excluding) =>
        replicas.Where(replica => replica is { IsAccepted: true, Version: > 0 } && replica.Holder != excluding)
            .OrderByDescending(replica => replica.Version)
            .ThenByDescending(replica => replica.ReportedAt)
            .ThenBy(replica => replica.Holder.Value, StringComparer.Ordinal);

    /// <summary>Tells whether a peer can stand in, as far as its lease tells: it serves its own site, and visitors reach it directly.</summary>
    /// <param name="lease">The lease of the holder's own site.</param>
    /// <param name="now">The moment.</param>
    public static bool MayServe(SiteLease? lease, DateTimeOffset now) => lease is { Via: null, Holder: null } && lease.ExpiresAt > now;
}
