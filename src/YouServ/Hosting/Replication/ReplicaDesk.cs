using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Security.Cryptography.X509Certificates;
using Microsoft.Extensions.Logging;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>Keeps the copies that a peer has of others' sites: opens those that it has accepted, lets them follow their owners, and serves each under its own name.</summary>
internal sealed partial class ReplicaDesk(PeerOptions options, PeerSite own, CoordinatorClient coordinator, IReadOnlyList<IYouServPlugin> plugins, PeerMetrics metrics, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private const string FolderName = "replicas";

    /// <summary>Copies that are no longer wanted are called so until they are deleted.</summary>
    private const string GonePrefix = ".gone-";

    /// <summary>How long those stay whose owners no longer want them: a coordinator may be wrong.</summary>
    private static readonly TimeSpan GoneKept = TimeSpan.FromDays(7);

    private readonly SemaphoreSlim _turn = new(1, 1);
    private ImmutableDictionary<string, Replica> _replicas = ImmutableDictionary.Create<string, Replica>(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<SiteName, Task> _closing = new();
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

        _ = Task.Run(DeleteGone);
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
        await Task.WhenAll(_closing.Values).ConfigureAwait(false);
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
            if (!_isEnded && site.Value != identity.Site && !_replicas.ContainsKey(host) && !_closing.ContainsKey(site))
            {
                var copy = await ReplicaSite.OpenAsync(Path.Combine(Root, site.Value), options.ReplicaLengthMax, clock, logger).ConfigureAwait(false);
                copy.Site.Visits.SkipRevocations(own.Visits.RevocationsSeen);
                var replica = new Replica(site, copy, own, coordinator, Authorities(identity), options.ReplicationInterval, plugins, metrics, clock, logger);
                try
                {
                    await replica.StartAsync().ConfigureAwait(false);
                }
                catch
                {
                    await replica.DisposeAsync().ConfigureAwait(false);
                    throw;
                }

                Volatile.Write(ref _replicas, _replicas.Add(host, replica));
            }
        }
#pragma warning disable CA1031 // One copy that cannot be opened must keep neither the others nor the peer's own site from their names.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            LogFailure(failure, site);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Stops to serve a copy, and takes it away once it has come to rest: a heartbeat cannot wait for that.</summary>
    private async Task RemoveAsync(Replica replica)
    {
        await _turn.WaitAsync().ConfigureAwait(false);
        try
        {
            if (_replicas.FirstOrDefault(entry => entry.Value == replica).Key is { } host)
            {
                Volatile.Write(ref _replicas, _replicas.Remove(host));
                _closing[replica.Site] = Task.Run(() => TakeAwayAsync(replica));
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task TakeAwayAsync(Replica replica)
    {
        try
        {
            await replica.DisposeAsync().ConfigureAwait(false);

            // What is renamed is not opened again.
            var gone = Path.Combine(Root, $"{GonePrefix}{replica.Site}-{Token.CreateId()}");
            Directory.Move(Path.Combine(Root, replica.Site.Value), gone);
            Directory.SetLastWriteTimeUtc(gone, clock.GetUtcNow().UtcDateTime);
            DeleteGone();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            LogKept(failure.Message);
        }
        finally
        {
            _closing.TryRemove(replica.Site, out _);
        }
    }

    private void DeleteGone()
    {
        try
        {
            foreach (var gone in Directory.EnumerateDirectories(Root, $"{GonePrefix}*").Where(path => clock.GetUtcNow() - Directory.GetLastWriteTimeUtc(path) > GoneKept).ToList())
            {
                Directory.Delete(gone, recursive: true);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            LogKept(failure.Message);
        }
    }

    [LoggerMessage(5125, LogLevel.Error, "The copy of {Site} cannot be opened. Delete its folder below 'replicas' to begin it anew.")]
    private partial void LogFailure(Exception failure, SiteName site);

    [LoggerMessage(5126, LogLevel.Warning, "What is left of a copy that is no longer wanted cannot be deleted now: {Reason}")]
    private partial void LogKept(string reason);

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
