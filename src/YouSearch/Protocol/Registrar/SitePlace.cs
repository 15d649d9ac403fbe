using P2P.YouServ;

namespace P2P.YouSearch.Protocol;

/// <summary>Is where a site is served at the moment.</summary>
/// <param name="Named">The site as it is named to those who ask.</param>
/// <param name="LeaseId">What changes whenever another machine serves it, or the same one anew; null while nobody does.</param>
/// <param name="Holder">The site of the peer that stands in; null where the owner's serves.</param>
/// <param name="Version">The number of the change that brought it there: what comes later with a lower one is outdated.</param>
internal sealed record SitePlace(Candidate Named, string? LeaseId, SiteName? Holder, long Version = 0)
{
    private Candidate? _current;

    /// <summary>The same for lists whose cached answer still holds for the site; made once, as lists are long.</summary>
    public Candidate NamedAsCurrent => _current ??= Named with { IsCurrentInCache = true };

    /// <summary>A site of which it is not known where it is.</summary>
    public static SitePlace Unknown(SiteName site) => new(new Candidate { Site = site }, null, null);
}
