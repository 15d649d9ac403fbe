using System.Net;
using P2P.YouServ;

namespace YouSearch.Tests.Registrar;

/// <summary>Says where sites are, as the coordinators' store does; it knows nothing else.</summary>
internal sealed class MemorySites : ICoordinatorStore
{
    private readonly Dictionary<SiteName, SiteRecord> _sites = [];
    private long _version;
    private int _leases;

    /// <summary>How often one site was looked up.</summary>
    public int Lookups { get; private set; }

    /// <summary>Lets a site be served: by its owner's machine, or by that of who holds a copy.</summary>
    public void Serve(string site, string? holder = null) => Put(site, new SiteLease
    {
        Id = $"lease {++_leases}",
        Addresses = [IPAddress.Parse("192.0.2.7")],
        Port = 8443,
        IsSecure = true,
        TokenHash = new string('0', 64),
        Holder = holder is null ? null : SiteName.Parse(holder),
        GrantedAt = default,
        ExpiresAt = default,
    });

    public void Leave(string site) => Put(site, lease: null);

    public ValueTask<SiteRecord?> FindSiteAsync(SiteName name, CancellationToken cancellationToken = default)
    {
        Lookups++;
        return new(_sites.GetValueOrDefault(name));
    }

    public ValueTask<IReadOnlyList<SiteRecord>> ReadChangedSitesAsync(long after, int count, CancellationToken cancellationToken = default) =>
        new([.. _sites.Values.Where(site => site.Version > after).OrderBy(site => site.Version).Take(count)]);

    public ValueTask<SiteRecord> GetOrAddSiteAsync(UserId owner, string displayName, IEnumerable<SiteName> candidates, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<SiteRecord?> TryReplaceSiteAsync(SiteRecord next, DateTimeOffset? ifLapsedAt = null, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<bool>> RenewLeasesAsync(IReadOnlyList<LeaseRenewal> renewals, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<SiteRecord>> ListSitesAsync(SiteName after, int count, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<(long All, long Served)> CountSitesAsync(CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<(SiteRecord Site, long Load)>> ReadProxiesAsync(int count, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<SiteRecord>> ReadLapsedSitesAsync(DateTimeOffset now, int count, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public TimeProvider Clock => TimeProvider.System;

    public bool IsShared => false;

    public ValueTask<bool> AddReplicaAsync(SiteName site, SiteName holder, int replicasMax, int heldMax, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<bool> AcceptReplicaAsync(SiteName site, SiteName holder, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<bool> NoteReplicaAsync(SiteName site, SiteName holder, long version, DateTimeOffset reportedAt, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<bool> RemoveReplicaAsync(SiteName site, SiteName holder, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<ReplicaRecord>> ListReplicasAsync(SiteName site, CancellationToken cancellationToken = default) => new([]);

    public ValueTask<IReadOnlyList<ReplicaRecord>> ListHeldAsync(SiteName holder, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask AddSessionAsync(SessionRecord session, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<SessionRecord?> FindSessionAsync(string tokenHash, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<SessionRecord>> ListSessionsAsync(UserId user, DateTimeOffset now, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<bool> RevokeSessionAsync(UserId user, string sessionId, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<IReadOnlyList<SessionRevocation>> ReadRevocationsAsync(long after, int count, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask ForgetSessionsAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<AccountRecord?> FindAccountAsync(UserId user, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask PutAccountAsync(AccountRecord account, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<bool> RemoveAccountAsync(UserId user, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask<byte[]> GetOrAddSecretAsync(string name, Func<byte[]> create, CancellationToken cancellationToken = default) => throw new NotSupportedException();

    public ValueTask DisposeAsync() => default;

    private void Put(string site, SiteLease? lease)
    {
        var name = SiteName.Parse(site);
        _sites[name] = new() { Name = name, Owner = UserId.Parse($"{site}@example.org"), Lease = lease, Version = ++_version };
    }
}
