using P2P.YouServ;

namespace P2P.YouSearch.Hosting;

/// <summary>Is the site of this very machine, which is asked without a wire.</summary>
/// <param name="Site">The site.</param>
/// <param name="Visitor">As whom it is asked.</param>
/// <param name="Url">Where browsers find it.</param>
internal sealed record LocalSite(SearchableSite Site, Visitor Visitor, Uri Url);
