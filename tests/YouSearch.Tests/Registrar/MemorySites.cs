using System.Net;
using P2P.YouServ;

namespace YouSearch.Tests.Registrar;

/// <summary>Says where sites are, as the coordinators' store does; changes of sites are all that it knows.</summary>
internal sealed class MemorySites : ISiteStore
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

    private void Put(string site, SiteLease? lease)
    {
        var name = SiteName.Parse(site);
        _sites[name] = new() { Name = name, Owner = UserId.Parse($"{site}@example.org"), Lease = lease, Version = ++_version };
    }
}
