using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>Keeps the copies that a peer has of others' sites: opens those that it has accepted, lets them follow their owners, and serves each under its own name.</summary>
internal sealed class ReplicaDesk(PeerOptions options, PeerSite own, CoordinatorClient coordinator, PeerMetrics metrics, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private const string FolderName = "replicas";

    private readonly SemaphoreSlim _turn = new(1, 1);
    private ImmutableDictionary<string, Replica> _replicas = ImmutableDictionary.Create<string, Replica>(StringComparer.OrdinalIgnoreCase);
    private bool _isEnded;

    /// <summary>What is copied now.</summary>
    public IEnumerable<Replica> All => Volatile.Read(ref _replicas).Values.OrderBy(replica => replica.Site.Value, StringComparer.Ordinal);

    /// <summary>The hosts for which the peer needs a certificate beside its own.</summary>
    public IReadOnlyList<string> Hosts => [.. Volatile.Read(ref _replicas).Keys];

    /// <summary>The states that are on the disk.</summary>
    public IReadOnlyList<HeldVersion> Versions => [.. All.Select(replica => new HeldVersion { Site = replica.Site.Value, Version = replica.Copy.State?.Version ?? 0 })];

    /// <summary>Finds who answers for a host.</summary>
    /// <returns>The copy; null if there is none of it.</returns>
    public Replica? Find(string host) => Volatile.Read(ref _replicas).GetValueOrDefault(host);

    /// <summary>Opens the copies that are on the disk, without asking anybody: a coordinator that is away is no reason to serve nothing.</summary>
    public async Task OpenAllAsync()
    {
        if (own.Identity is not { } identity || !Directory.Exists(Root))
        {
            return;
        }

        foreach (var folder in Directory.EnumerateDirectories(Root).ToList())
        {
            if (SiteName.TryParse(Path.GetFileName(folder), out var site))
            {
                await AddAsync(site, identity).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Keeps copies of these sites, and of no others: what is no longer wanted is deleted.</summary>
    /// <returns>Whether something has changed.</returns>
    public async Task<bool> KeepAsync(IReadOnlyList<string> names)
    {
        if (own.Identity is not { } identity)
        {
            return false;
        }

        var sites = names.Select(name => SiteName.TryParse(name, out var site) ? site : default).Where(site => site != default).ToHashSet();
        var surplus = All.Where(replica => !sites.Contains(replica.Site)).ToList();
        foreach (var replica in surplus)
        {
            await RemoveAsync(replica).ConfigureAwait(false);
        }

        var missing = sites.Where(site => Find(HostOf(site, identity)) is null).ToList();
        foreach (var site in missing)
        {
            await AddAsync(site, identity).ConfigureAwait(false);
        }

        return surplus.Count > 0 || missing.Count > 0;
    }

    /// <summary>Stops to serve copies. They stay on the disk.</summary>
    public async Task CloseAllAsync()
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            foreach (var replica in Interlocked.Exchange(ref _replicas, _replicas.Clear()).Values)
            {
                await replica.DisposeAsync().ConfigureAwait(false);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        _isEnded = true;
        await CloseAllAsync().ConfigureAwait(false);
        _turn.Dispose();
    }

    private string Root => Path.Combine(options.StateFolder, FolderName);

    private static string HostOf(SiteName site, PeerIdentity identity) => $"{site}.{identity.Zone}";

    private async Task AddAsync(SiteName site, PeerIdentity identity)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            var host = HostOf(site, identity);
            if (!_isEnded && site.Value != identity.Site && !_replicas.ContainsKey(host))
            {
                var copy = await ReplicaSite.OpenAsync(Path.Combine(Root, site.Value), options.ReplicaLengthMax, clock, logger).ConfigureAwait(false);
                var replica = new Replica(site, copy, own, coordinator, Authorities(identity), options.ReplicationInterval, metrics, clock, logger);
                await replica.StartAsync().ConfigureAwait(false);
                Volatile.Write(ref _replicas, _replicas.Add(host, replica));
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task RemoveAsync(Replica replica)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            var host = _replicas.FirstOrDefault(entry => entry.Value == replica).Key;
            if (host is not null)
            {
                Volatile.Write(ref _replicas, _replicas.Remove(host));
                await replica.DisposeAsync().ConfigureAwait(false);
                Directory.Delete(Path.Combine(Root, replica.Site.Value), recursive: true);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private X509Certificate2Collection Authorities(PeerIdentity identity)
    {
        var authorities = new X509Certificate2Collection(options.TrustedAuthorities);
        if (identity.Authority.Length > 0)
        {
            authorities.ImportFromPem(identity.Authority);
        }

        return authorities;
    }
}
