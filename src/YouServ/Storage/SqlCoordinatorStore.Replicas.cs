using System.Data.Common;

namespace P2P.YouServ;

public abstract partial class SqlCoordinatorStore
{
    private const string ReplicaColumns = "site, holder, accepted, version, reported";

    /// <inheritdoc/>
    public ValueTask<bool> AddReplicaAsync(SiteName site, SiteName holder, int replicasMax, int heldMax, CancellationToken cancellationToken = default) =>
        WriteAsync(
            async session =>
            {
                // Whoever counts waits for those who add.
                await session.ExecuteAsync("UPDATE youserv_counters SET value = value WHERE name = 'sites'").ConfigureAwait(false);
                await session.ExecuteAsync(
                    "INSERT INTO youserv_replicas (site, holder, accepted, version) VALUES (@p1, @p2, 0, 0) ON CONFLICT (site, holder) DO NOTHING", site.Value, holder.Value).ConfigureAwait(false);
                var replicas = await session.ScalarAsync<long>("SELECT count(*) FROM youserv_replicas WHERE site = @p1", site.Value).ConfigureAwait(false);
                var held = await session.ScalarAsync<long>("SELECT count(*) FROM youserv_replicas WHERE holder = @p1", holder.Value).ConfigureAwait(false);
                if (replicas <= replicasMax && held <= heldMax)
                {
                    return true;
                }

                await session.ExecuteAsync("DELETE FROM youserv_replicas WHERE site = @p1 AND holder = @p2 AND accepted = 0", site.Value, holder.Value).ConfigureAwait(false);
                return false;
            },
            cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<bool> AcceptReplicaAsync(SiteName site, SiteName holder, CancellationToken cancellationToken = default) =>
        await WriteAsync(
            session => session.ExecuteAsync("UPDATE youserv_replicas SET accepted = 1 WHERE site = @p1 AND holder = @p2", site.Value, holder.Value), cancellationToken).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public async ValueTask<bool> NoteReplicaAsync(SiteName site, SiteName holder, long version, DateTimeOffset reportedAt, CancellationToken cancellationToken = default) =>
        await WriteAsync(
            session => session.ExecuteAsync(
                "UPDATE youserv_replicas SET version = @p3, reported = @p4 WHERE site = @p1 AND holder = @p2 AND accepted = 1", site.Value, holder.Value, version, WriteMoment(reportedAt)),
            cancellationToken).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public async ValueTask<bool> RemoveReplicaAsync(SiteName site, SiteName holder, CancellationToken cancellationToken = default) =>
        await WriteAsync(
            session => session.ExecuteAsync("DELETE FROM youserv_replicas WHERE site = @p1 AND holder = @p2", site.Value, holder.Value), cancellationToken).ConfigureAwait(false) > 0;

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ReplicaRecord>> ListReplicasAsync(SiteName site, CancellationToken cancellationToken = default) =>
        ReadAsync(
            session => session.ListAsync(ReadReplica, "SELECT " + ReplicaColumns + " FROM youserv_replicas WHERE site = @p1 ORDER BY version DESC, holder", site.Value),
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<ReplicaRecord>> ListHeldAsync(SiteName holder, CancellationToken cancellationToken = default) =>
        ReadAsync(
            session => session.ListAsync(ReadReplica, "SELECT " + ReplicaColumns + " FROM youserv_replicas WHERE holder = @p1 ORDER BY site", holder.Value), cancellationToken);

    private static ReplicaRecord ReadReplica(DbDataReader row) => new()
    {
        Site = SiteName.Parse(row.GetString(0)),
        Holder = SiteName.Parse(row.GetString(1)),
        IsAccepted = row.GetInt32(2) != 0,
        Version = row.GetInt64(3),
        ReportedAt = row.IsDBNull(4) ? null : ReadMoment(row.GetValue(4)),
    };
}
