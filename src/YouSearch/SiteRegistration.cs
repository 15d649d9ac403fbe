using P2P.YouServ;

namespace P2P.YouSearch;

/// <summary>Is what a site tells the registrar.</summary>
public sealed record SiteRegistration
{
    /// <summary>The site.</summary>
    public required SiteName Site { get; init; }

    /// <summary>The number of the index's state: the registrar takes what others have cached of the site for outdated where it is another than before.</summary>
    public required long Generation { get; init; }

    /// <summary>The summary of what everybody may read.</summary>
    public required SummaryState Public { get; init; }

    /// <summary>
    /// The summary of what those may read who have signed in, and of what is for fewer people and whose owner lets the registrar know its words. Nobody is named by it who has not signed in.
    /// </summary>
    public required SummaryState Members { get; init; }
}
