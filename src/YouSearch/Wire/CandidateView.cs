using System.Net;
using P2P.YouServ;

namespace P2P.YouSearch.Wire;

/// <summary>Is a candidate as it travels.</summary>
internal sealed record CandidateView
{
    public required string Site { get; init; }

    public string? Url { get; init; }

    public IReadOnlyList<string>? Addresses { get; init; }

    public bool IsCopy { get; init; }

    public bool IsCurrentInCache { get; init; }

    public static CandidateView Of(Candidate candidate) => new()
    {
        Site = candidate.Site.Value,
        Url = candidate.Url?.GetLeftPart(UriPartial.Authority),
        Addresses = candidate.Addresses.Count > 0 ? [.. candidate.Addresses.Select(address => address.ToString())] : null,
        IsCopy = candidate.IsCopy,
        IsCurrentInCache = candidate.IsCurrentInCache,
    };

    /// <summary>Reads the candidate.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public Candidate Read() => new()
    {
        Site = SiteName.Parse(Site),
        Url = Url is null ? null : ReadUrl(Url),
        Addresses = [.. (Addresses ?? []).Select(IPAddress.Parse)],
        IsCopy = IsCopy,
        IsCurrentInCache = IsCurrentInCache,
    };

    private static Uri ReadUrl(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url) && url is { Scheme: "http" or "https", PathAndQuery: "/", UserInfo: "" } ? url : throw new FormatException($"'{text}' is no root of a site.");
}
