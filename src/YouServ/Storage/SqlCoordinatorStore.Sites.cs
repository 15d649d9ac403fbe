using System.Data.Common;
using System.Globalization;
using System.Net;
using P2P.YouServ.Storage;

namespace P2P.YouServ;

public abstract partial class SqlCoordinatorStore
{
    private const string SiteColumns =
        "name, owner, display_name, version, lease_id, lease_addresses, lease_port, lease_secure, lease_token, lease_device, lease_granted, lease_expires, lease_proxy, lease_via, lease_holder, was_held";

    private const string FindSite = "SELECT " + SiteColumns + " FROM youserv_sites WHERE name = @p1";

    private const string FindSiteOf = "SELECT " + SiteColumns + " FROM youserv_sites WHERE owner = @p1";

    /// <inheritdoc/>
    public async ValueTask<SiteRecord> GetOrAddSiteAsync(
        UserId owner, string displayName, IEnumerable<SiteName> candidates, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(candidates);
        var found = await ReadAsync(session => session.FirstAsync(ReadSite, FindSiteOf, owner.Value), cancellationToken).ConfigureAwait(false);
        return found is not null && found.DisplayName == displayName
            ? found
            : await WriteAsync(session => AddSiteAsync(session, owner, displayName, candidates), cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public ValueTask<SiteRecord?> FindSiteAsync(SiteName name, CancellationToken cancellationToken = default) =>
        ReadAsync(session => session.FirstAsync(ReadSite, FindSite, name.Value), cancellationToken);

    /// <inheritdoc/>
    public ValueTask<SiteRecord?> TryReplaceSiteAsync(SiteRecord next, DateTimeOffset? ifLapsedAt = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(next);
        return WriteAsync(session => ReplaceSiteAsync(session, next, ifLapsedAt), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<bool>> RenewLeasesAsync(IReadOnlyList<LeaseRenewal> renewals, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(renewals);
        return WriteAsync<IReadOnlyList<bool>>(
            async session =>
            {
                // In one order for all who do it at the same time, so that none waits for one who waits for it.
                var isRenewed = new bool[renewals.Count];
                foreach (var index in Enumerable.Range(0, renewals.Count).OrderBy(index => renewals[index].Site.Value, StringComparer.Ordinal))
                {
                    var (site, leaseId, expiresAt) = renewals[index];
                    isRenewed[index] = await session.ExecuteAsync(
                        "UPDATE youserv_sites SET lease_expires = @p3 WHERE name = @p1 AND lease_id = @p2", site.Value, leaseId, WriteMoment(expiresAt)).ConfigureAwait(false) > 0;
                }

                return isRenewed;
            },
            cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SiteRecord>> ListSitesAsync(SiteName after, int count, CancellationToken cancellationToken = default) =>
        ReadAsync(
            session => session.ListAsync(ReadSite, "SELECT " + SiteColumns + " FROM youserv_sites WHERE name > @p1 ORDER BY name LIMIT @p2", after.Value, count),
            cancellationToken);

    /// <inheritdoc/>
    public async ValueTask<(long All, long Served)> CountSitesAsync(CancellationToken cancellationToken = default) =>
        (await ReadAsync(
            session => session.ListAsync(row => (row.GetInt64(0), row.GetInt64(1)), "SELECT count(*), count(lease_expires) FROM youserv_sites"), cancellationToken).ConfigureAwait(false))[0];

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SiteRecord>> ReadChangedSitesAsync(long after, int count, CancellationToken cancellationToken = default) =>
        ReadAsync(
            session => session.ListAsync(ReadSite, "SELECT " + SiteColumns + " FROM youserv_sites WHERE version > @p1 ORDER BY version LIMIT @p2", after, count),
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<SiteRecord>> ReadLapsedSitesAsync(DateTimeOffset now, int count, CancellationToken cancellationToken = default) =>
        ReadAsync(
            session => session.ListAsync(
                ReadSite, "SELECT " + SiteColumns + " FROM youserv_sites WHERE lease_expires <= @p1 ORDER BY lease_expires LIMIT @p2", WriteMoment(now), count),
            cancellationToken);

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<(SiteRecord Site, long Load)>> ReadProxiesAsync(int count, CancellationToken cancellationToken = default) =>
        ReadAsync(
            session => session.ListAsync(
                row => (ReadSite(row), row.GetInt64(16)),
                "SELECT " + SiteColumns + ", (SELECT count(*) FROM youserv_sites other WHERE other.lease_via = youserv_sites.name) AS load"
                + " FROM youserv_sites WHERE lease_proxy = 1 AND lease_via IS NULL ORDER BY load, name LIMIT @p1",
                count),
            cancellationToken);

    private static async ValueTask<SiteRecord> AddSiteAsync(SqlSession session, UserId owner, string displayName, IEnumerable<SiteName> candidates)
    {
        if (await session.FirstAsync(ReadSite, FindSiteOf, owner.Value).ConfigureAwait(false) is { } known)
        {
            return known.DisplayName == displayName
                ? known
                : (await ReplaceSiteAsync(session, known with { DisplayName = displayName }).ConfigureAwait(false))!;
        }

        foreach (var name in candidates)
        {
            var isTaken = await session.FirstAsync(ReadSite, FindSite, name.Value).ConfigureAwait(false) is not null;
            if (!isTaken && await session.ExecuteAsync(
                "INSERT INTO youserv_sites (name, owner, display_name, version) VALUES (@p1, @p2, @p3, @p4) ON CONFLICT DO NOTHING",
                name.Value, owner.Value, displayName, await NextAsync(session, "sites").ConfigureAwait(false)).ConfigureAwait(false) > 0)
            {
                break;
            }
        }

        return await session.FirstAsync(ReadSite, FindSiteOf, owner.Value).ConfigureAwait(false)
            ?? throw new YouServException($"There is no free name for the site of {owner}: all that could be made of it are taken.");
    }

    private static async ValueTask<SiteRecord?> ReplaceSiteAsync(SqlSession session, SiteRecord next, DateTimeOffset? ifLapsedAt = null)
    {
        var version = await NextAsync(session, "sites").ConfigureAwait(false);
        var lease = next.Lease;
        var count = await session.ExecuteAsync(
            """
            UPDATE youserv_sites SET display_name = @p3, version = @p4, lease_id = @p5, lease_addresses = @p6, lease_port = @p7, lease_secure = @p8,
                lease_token = @p9, lease_device = @p10, lease_granted = @p11, lease_expires = @p12, lease_proxy = @p14, lease_via = @p15, lease_holder = @p16, was_held = @p17
            WHERE name = @p1 AND version = @p2 AND (lease_expires IS NULL OR lease_expires <= @p13)
            """,
            next.Name.Value,
            next.Version,
            next.DisplayName,
            version,
            lease?.Id,
            lease is null ? null : string.Join(' ', lease.Addresses),
            lease?.Port,
            lease is null ? null : lease.IsSecure ? 1 : 0,
            lease?.TokenHash,
            lease?.Device,
            lease is null ? null : WriteMoment(lease.GrantedAt),
            lease is null ? null : WriteMoment(lease.ExpiresAt),
            WriteMoment(ifLapsedAt ?? DateTimeOffset.MaxValue),
            lease is null ? null : lease.IsProxy ? 1 : 0,
            lease?.Via?.Value,
            lease?.Holder?.Value,
            next.WasHeld ? 1 : 0).ConfigureAwait(false);
        return count == 0 ? null : next with { Version = version };
    }

    private static SiteRecord ReadSite(DbDataReader row) => new()
    {
        Name = SiteName.Parse(row.GetString(0)),
        Owner = UserId.Parse(row.GetString(1)),
        DisplayName = row.GetString(2),
        Version = row.GetInt64(3),
        WasHeld = row.GetInt32(15) != 0,
        Lease = row.IsDBNull(4) ? null : new()
        {
            Id = row.GetString(4),
            Addresses = [.. row.GetString(5).Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(IPAddress.Parse)],
            Port = Convert.ToInt32(row.GetValue(6), CultureInfo.InvariantCulture),
            IsSecure = Convert.ToInt32(row.GetValue(7), CultureInfo.InvariantCulture) != 0,
            TokenHash = row.GetString(8),
            Device = row.GetString(9),
            GrantedAt = ReadMoment(row.GetValue(10)),
            ExpiresAt = ReadMoment(row.GetValue(11)),
            IsProxy = Convert.ToInt32(row.GetValue(12), CultureInfo.InvariantCulture) != 0,
            Via = row.IsDBNull(13) ? null : SiteName.Parse(row.GetString(13)),
            Holder = row.IsDBNull(14) ? null : SiteName.Parse(row.GetString(14)),
        },
    };
}
