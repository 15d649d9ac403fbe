namespace P2P.YouServ;

/// <summary>Keeps which peers hold copies of which sites.</summary>
public interface ICopyStore
{
    /// <summary>Invites a holder, unless that has happened before.</summary>
    /// <param name="site">The site that is to be copied, which there is.</param>
    /// <param name="holder">The site whose peer is to keep the copy, which there is.</param>
    /// <param name="replicasMax">How many replicas the site may have, however many ask at once.</param>
    /// <param name="heldMax">How many copies the holder may keep.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Whether it is invited, or was before; not where there would be too many.</returns>
    ValueTask<bool> AddReplicaAsync(SiteName site, SiteName holder, int replicasMax, int heldMax, CancellationToken cancellationToken = default);

    /// <summary>Notes that a holder has accepted.</summary>
    /// <param name="site">The site that is copied.</param>
    /// <param name="holder">The site whose peer keeps the copy.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Whether it was invited, and still is.</returns>
    ValueTask<bool> AcceptReplicaAsync(SiteName site, SiteName holder, CancellationToken cancellationToken = default);

    /// <summary>Notes which state a holder has; nothing where it is no replica any more, or has not accepted.</summary>
    /// <param name="site">The site that is copied.</param>
    /// <param name="holder">The site whose peer keeps the copy.</param>
    /// <param name="version">The state.</param>
    /// <param name="reportedAt">When it said so.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Whether it is a replica that has been accepted.</returns>
    ValueTask<bool> NoteReplicaAsync(SiteName site, SiteName holder, long version, DateTimeOffset reportedAt, CancellationToken cancellationToken = default);

    /// <summary>Removes a replica.</summary>
    /// <param name="site">The site that is copied.</param>
    /// <param name="holder">The site whose peer keeps the copy.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <returns>Whether there was one.</returns>
    ValueTask<bool> RemoveReplicaAsync(SiteName site, SiteName holder, CancellationToken cancellationToken = default);

    /// <summary>Lists the replicas of a site, those with the latest state first.</summary>
    /// <param name="site">The site.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<ReplicaRecord>> ListReplicasAsync(SiteName site, CancellationToken cancellationToken = default);

    /// <summary>Lists what the peer of a site keeps copies of, or has been invited to, in the order of the sites' names.</summary>
    /// <param name="holder">The site.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    ValueTask<IReadOnlyList<ReplicaRecord>> ListHeldAsync(SiteName holder, CancellationToken cancellationToken = default);
}
