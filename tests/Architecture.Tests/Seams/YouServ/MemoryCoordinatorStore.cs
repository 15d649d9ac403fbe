using P2P.YouServ;

namespace Architecture.Tests.Seams.YouServ;

/// <summary>Keeps what a coordinator has for as long as <see cref="Memory"/> lives, which may be longer than the store.</summary>
internal sealed class MemoryCoordinatorStore(MemoryCoordinatorStore.Memory memory, TimeProvider clock) : ICoordinatorStore
{
    public TimeProvider Clock => clock;

    public bool IsShared => true;

    public ValueTask<SiteRecord> GetOrAddSiteAsync(UserId owner, string displayName, IEnumerable<SiteName> candidates, CancellationToken cancellationToken = default) => Do(() =>
    {
        var known = memory.Sites.Values.FirstOrDefault(site => site.Owner == owner);
        return known is not null && known.DisplayName == displayName
            ? known
            : Put(known is not null
                ? known with { DisplayName = displayName }
                : new() { Name = candidates.First(name => !memory.Sites.ContainsKey(name.Value)), Owner = owner, DisplayName = displayName });
    });

    public ValueTask<SiteRecord?> FindSiteAsync(SiteName name, CancellationToken cancellationToken = default) => Do(() => memory.Sites.GetValueOrDefault(name.Value));

    public ValueTask<SiteRecord?> TryReplaceSiteAsync(SiteRecord next, DateTimeOffset? ifLapsedAt = null, CancellationToken cancellationToken = default) => Do(() =>
        memory.Sites.TryGetValue(next.Name.Value, out var site) && site.Version == next.Version && (ifLapsedAt is null || site.Lease is null || site.Lease.ExpiresAt <= ifLapsedAt)
            ? Put(next)
            : null);

    public ValueTask<IReadOnlyList<bool>> RenewLeasesAsync(IReadOnlyList<LeaseRenewal> renewals, CancellationToken cancellationToken = default) =>
        Do<IReadOnlyList<bool>>(() => [.. renewals.Select(Renew)]);

    public ValueTask<IReadOnlyList<SiteRecord>> ListSitesAsync(SiteName after, int count, CancellationToken cancellationToken = default) =>
        Do<IReadOnlyList<SiteRecord>>(() => [.. memory.Sites.Values.Where(site => string.CompareOrdinal(site.Name.Value, after.Value) > 0).Take(count)]);

    public ValueTask<(long All, long Served)> CountSitesAsync(CancellationToken cancellationToken = default) =>
        Do<(long, long)>(() => (memory.Sites.Count, memory.Sites.Values.Count(site => site.Lease is not null)));

    public ValueTask<IReadOnlyList<SiteRecord>> ReadChangedSitesAsync(long after, int count, CancellationToken cancellationToken = default) =>
        Do<IReadOnlyList<SiteRecord>>(() => [.. memory.Sites.Values.Where(site => site.Version > after).OrderBy(site => site.Version).Take(count)]);

    public ValueTask<IReadOnlyList<(SiteRecord Site, long Load)>> ReadProxiesAsync(int count, CancellationToken cancellationToken = default) =>
        Do<IReadOnlyList<(SiteRecord, long)>>(() =>
        [
            .. memory.Sites.Values.Where(site => site.Lease is { IsProxy: true, Via: null })
                .Select(site => (site, (long)memory.Sites.Values.Count(other => other.Lease?.Via == site.Name)))
                .OrderBy(pair => pair.Item2).Take(count),
        ]);

    public ValueTask<IReadOnlyList<SiteRecord>> ReadLapsedSitesAsync(DateTimeOffset now, int count, CancellationToken cancellationToken = default) =>
        Do<IReadOnlyList<SiteRecord>>(() => [.. memory.Sites.Values.Where(site => site.Lease?.ExpiresAt <= now).OrderBy(site => site.Lease!.ExpiresAt).Take(count)]);

    public ValueTask<bool> AddReplicaAsync(SiteName site, SiteName holder, int replicasMax, int heldMax, CancellationToken cancellationToken = default) => Do(() =>
    {
        var isRoom = memory.Replicas.Values.Count(replica => replica.Site == site) < replicasMax && memory.Replicas.Values.Count(replica => replica.Holder == holder) < heldMax;
        return memory.Replicas.ContainsKey((site, holder)) || (isRoom && memory.Replicas.TryAdd((site, holder), new() { Site = site, Holder = holder }));
    });

    public ValueTask<bool> AcceptReplicaAsync(SiteName site, SiteName holder, CancellationToken cancellationToken = default) => Do(() =>
    {
        var isInvited = memory.Replicas.TryGetValue((site, holder), out var replica);
        if (isInvited)
        {
            memory.Replicas[(site, holder)] = replica! with { IsAccepted = true };
        }

        return isInvited;
    });

    public ValueTask<bool> NoteReplicaAsync(SiteName site, SiteName holder, long version, DateTimeOffset reportedAt, CancellationToken cancellationToken = default) => Do(() =>
    {
        var isKnown = memory.Replicas.TryGetValue((site, holder), out var replica) && replica.IsAccepted;
        if (isKnown)
        {
            memory.Replicas[(site, holder)] = replica! with { Version = version, ReportedAt = reportedAt };
        }

        return isKnown;
    });

    public ValueTask<bool> RemoveReplicaAsync(SiteName site, SiteName holder, CancellationToken cancellationToken = default) => Do(() => memory.Replicas.Remove((site, holder)));

    public ValueTask<IReadOnlyList<ReplicaRecord>> ListReplicasAsync(SiteName site, CancellationToken cancellationToken = default) => Do<IReadOnlyList<ReplicaRecord>>(() =>
        [.. memory.Replicas.Values.Where(replica => replica.Site == site).OrderByDescending(replica => replica.Version).ThenBy(replica => replica.Holder.Value, StringComparer.Ordinal)]);

    public ValueTask<IReadOnlyList<ReplicaRecord>> ListHeldAsync(SiteName holder, CancellationToken cancellationToken = default) => Do<IReadOnlyList<ReplicaRecord>>(() =>
        [.. memory.Replicas.Values.Where(replica => replica.Holder == holder).OrderBy(replica => replica.Site.Value, StringComparer.Ordinal)]);

    public async ValueTask AddSessionAsync(SessionRecord session, CancellationToken cancellationToken = default) =>
        await Do(() => memory.Sessions[session.TokenHash] = session);

    public ValueTask<SessionRecord?> FindSessionAsync(string tokenHash, CancellationToken cancellationToken = default) => Do(() => memory.Sessions.GetValueOrDefault(tokenHash));

    public ValueTask<IReadOnlyList<SessionRecord>> ListSessionsAsync(UserId user, DateTimeOffset now, CancellationToken cancellationToken = default) =>
        Do<IReadOnlyList<SessionRecord>>(() =>
            [.. memory.Sessions.Values.Where(session => session.User == user && session.ExpiresAt > now).OrderByDescending(session => session.CreatedAt)]);

    public ValueTask<bool> RevokeSessionAsync(UserId user, string sessionId, CancellationToken cancellationToken = default) => Do(() =>
    {
        var session = memory.Sessions.Values.FirstOrDefault(session => session.Id == sessionId && session.User == user);
        if (session is not null)
        {
            memory.Sessions.Remove(session.TokenHash);
            memory.Revocations.Add((new(++memory.LastRevocation, sessionId), session.ExpiresAt));
        }

        return session is not null;
    });

    public ValueTask<IReadOnlyList<SessionRevocation>> ReadRevocationsAsync(long after, int count, CancellationToken cancellationToken = default) =>
        Do<IReadOnlyList<SessionRevocation>>(() => [.. memory.Revocations.Select(entry => entry.Revocation).Where(revocation => revocation.Number > after).Take(count)]);

    public async ValueTask ForgetSessionsAsync(DateTimeOffset endedBefore, CancellationToken cancellationToken = default) => await Do(() =>
    {
        foreach (var session in memory.Sessions.Values.Where(session => session.ExpiresAt < endedBefore).ToList())
        {
            memory.Sessions.Remove(session.TokenHash);
        }

        return memory.Revocations.RemoveAll(entry => entry.EndsAt < endedBefore);
    });

    public ValueTask<AccountRecord?> FindAccountAsync(UserId user, CancellationToken cancellationToken = default) => Do(() => memory.Accounts.GetValueOrDefault(user));

    public async ValueTask PutAccountAsync(AccountRecord account, CancellationToken cancellationToken = default) => await Do(() => memory.Accounts[account.User] = account);

    public ValueTask<bool> RemoveAccountAsync(UserId user, CancellationToken cancellationToken = default) => Do(() => memory.Accounts.Remove(user));

    public ValueTask<byte[]> GetOrAddSecretAsync(string name, Func<byte[]> create, CancellationToken cancellationToken = default) => Do(() =>
        memory.Secrets.TryGetValue(name, out var secret) ? secret : memory.Secrets[name] = create());

    public ValueTask DisposeAsync() => default;

    private SiteRecord Put(SiteRecord site) => memory.Sites[site.Name.Value] = site with { Version = ++memory.LastVersion };

    private bool Renew(LeaseRenewal renewal)
    {
        if (memory.Sites.TryGetValue(renewal.Site.Value, out var site) && site.Lease is { } lease && lease.Id == renewal.LeaseId)
        {
            memory.Sites[renewal.Site.Value] = site with { Lease = lease with { ExpiresAt = renewal.ExpiresAt } };
            return true;
        }

        return false;
    }

    private ValueTask<T> Do<T>(Func<T> work)
    {
        lock (memory)
        {
            return new(work());
        }
    }

    internal sealed class Memory
    {
        public SortedDictionary<string, SiteRecord> Sites { get; } = new(StringComparer.Ordinal);

        public Dictionary<(SiteName Site, SiteName Holder), ReplicaRecord> Replicas { get; } = [];

        public Dictionary<string, SessionRecord> Sessions { get; } = new(StringComparer.Ordinal);

        public List<(SessionRevocation Revocation, DateTimeOffset EndsAt)> Revocations { get; } = [];

        public Dictionary<UserId, AccountRecord> Accounts { get; } = [];

        public Dictionary<string, byte[]> Secrets { get; } = new(StringComparer.Ordinal);

        public long LastVersion { get; set; }

        public long LastRevocation { get; set; }
    }
}
