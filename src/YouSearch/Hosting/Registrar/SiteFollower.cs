using System.Globalization;
using P2P.YouSearch.Protocol;
using P2P.YouServ;

namespace P2P.YouSearch.Hosting;

/// <summary>Learns from the coordinators' store where sites are served, change by change.</summary>
/// <param name="store">The store.</param>
/// <param name="replicas">Knows who keeps copies; null where nobody does.</param>
/// <param name="zone">The zone in which sites have their names.</param>
internal sealed class SiteFollower(ISiteStore store, ICopyStore? replicas, string zone) : IDisposable
{
    private const int TogetherMax = 1_000;

    private readonly SemaphoreSlim _turn = new(1, 1);
    private long _seen;

    /// <summary>Reads what has changed since the last time.</summary>
    public async ValueTask FollowAsync(Action<SitePlace> note, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (await store.ReadChangedSitesAsync(_seen, TogetherMax, cancellationToken).ConfigureAwait(false) is { Count: > 0 } changed)
            {
                foreach (var site in changed)
                {
                    note(PlaceOf(site));
                }

                _seen = changed[^1].Version;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>Looks one site up.</summary>
    public ValueTask<SiteRecord?> FindAsync(SiteName site, CancellationToken cancellationToken) => store.FindSiteAsync(site, cancellationToken);

    /// <summary>Looks up whose peers have copies of a site, those with the latest state first.</summary>
    public async ValueTask<IReadOnlyList<SiteName>> FindHoldersAsync(SiteName site, CancellationToken cancellationToken) =>
        replicas is null ? [] : [.. (await replicas.ListReplicasAsync(site, cancellationToken).ConfigureAwait(false)).Where(replica => replica is { IsAccepted: true, Version: > 0 }).Select(replica => replica.Holder)];

    public string HostOf(SiteName site) => $"{site}.{zone}";

    public SitePlace PlaceOf(SiteRecord site)
    {
        if (site.Lease is not { } lease)
        {
            return SitePlace.Unknown(site.Name) with { Version = site.Version };
        }

        var url = new Uri(string.Create(CultureInfo.InvariantCulture, $"{(lease.IsSecure ? "https" : "http")}://{HostOf(site.Name)}:{lease.Port}"));
        return new(new() { Site = site.Name, Url = url, Addresses = lease.Addresses, IsCopy = lease.Holder is not null }, lease.Id, lease.Holder, site.Version);
    }
}
