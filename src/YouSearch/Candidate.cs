using System.Net;
using P2P.YouServ;

namespace P2P.YouSearch;

/// <summary>Is a site that may have an answer, and where it is served now.</summary>
public sealed record Candidate
{
    /// <summary>The site.</summary>
    public required SiteName Site { get; init; }

    /// <summary>Where it is served: scheme, host and port; null while nobody serves it.</summary>
    public Uri? Url { get; init; }

    /// <summary>The addresses of the machine that serves it, so that nobody has to wait for DNS.</summary>
    public IReadOnlyList<IPAddress> Addresses { get; init; } = [];

    /// <summary>Whether a copy stands in for the owner's machine.</summary>
    public bool IsCopy { get; init; }

    /// <summary>Whether nothing has become of the site since the answer of <see cref="CandidateList.Cache"/> was gathered.</summary>
    public bool IsCurrentInCache { get; init; }
}
