using P2P.YouSearch.Wire;
using P2P.YouServ;

namespace P2P.YouSearch.Protocol;

/// <summary>Puts together what sites answer: one list, the best first, in which documents of equal content stand once.</summary>
internal sealed class ResultMerger(int parts, int count)
{
    /// <summary>How many documents are kept of those that were found, beyond which the last give way: so many answers can change the order of.</summary>
    private const int KeptMax = 2_000;

    /// <summary>How many documents of one site come before those of others that match less well.</summary>
    private const int OfSiteMax = 10;

    private const int DigestLength = 64;
    private const int SameMax = 20;

    private readonly Ranking _ranking = new(parts);
    private readonly List<Found> _found = [];
    private readonly Dictionary<(SiteName Site, string Path), List<RecommendedBy>> _recommended = [];
    private readonly HashSet<SiteName> _sites = [];

    /// <summary>How many documents match at the sites that have answered.</summary>
    public long Matches { get; private set; }

    /// <summary>Adds what a site has answered, once.</summary>
    /// <param name="site">The site.</param>
    /// <param name="url">Where browsers find it.</param>
    /// <param name="reply">What it has answered, as <see cref="ReplyCheck"/> has left it.</param>
    public void Add(SiteName site, Uri url, SearchReply reply)
    {
        if (!_sites.Add(site))
        {
            return;
        }

        _ranking.Add(reply);
        Matches += reply.Matches;
        foreach (var hit in reply.Hits)
        {
            _found.Add(new(site, url, hit));
        }

        Trim();
    }

    /// <summary>Adds a document that somebody recommends, as its own site describes it.</summary>
    public void Recommend(SiteName site, Uri url, HitView hit, RecommendedBy by)
    {
        if (!_found.Exists(found => found.Site == site && found.Hit.Path == hit.Path))
        {
            _found.Add(new(site, url, hit));
        }

        var all = _recommended.TryGetValue((site, hit.Path), out var known) ? known : _recommended[(site, hit.Path)] = [];
        if (!all.Contains(by))
        {
            all.Add(by);
        }
    }

    /// <summary>Lists the best documents so far: those of a site that come after its first ones only where other sites leave room, so that one that claims to have everything buries nobody.</summary>
    public IReadOnlyList<SearchHit> Best()
    {
        var byContent = new Dictionary<(string, string, string, long, string, string), List<Uri>>();
        var (first, rest, bySite) = (new List<(Found Found, List<Uri> Others)>(), new List<(Found Found, List<Uri> Others)>(), new Dictionary<SiteName, int>());
        foreach (var found in Ordered())
        {
            // A digest is what a site claims: only what looks the same as well stands for the other. What has none is like nothing else.
            var content = (found.Hit.Digest, found.Hit.Title, found.Hit.Type, found.Hit.Length, found.Hit.Snippet, found.Weights);
            if (found.Hit.Digest.Length == DigestLength && byContent.TryGetValue(content, out var same))
            {
                if (same.Count < SameMax)
                {
                    same.Add(UrlOf(found));
                }

                continue;
            }

            var others = byContent[content] = [];
            var place = bySite[found.Site] = bySite.GetValueOrDefault(found.Site) + 1;
            var list = place <= OfSiteMax ? first : rest;
            if (list.Count < count)
            {
                list.Add((found, others));
            }
        }

        return [.. first.Concat(rest).Take(count).Select(hit => ToHit(hit.Found, hit.Others))];
    }

    private IEnumerable<Found> Ordered()
    {
        foreach (var found in _found)
        {
            found.Score = _ranking.ScoreOf(found.Hit);
        }

        return _found
            .OrderByDescending(found => _recommended.TryGetValue((found.Site, found.Hit.Path), out var by) ? by.Count : 0)
            .ThenByDescending(found => found.Score)
            .ThenBy(found => found.Site.Value, StringComparer.Ordinal)
            .ThenBy(found => found.Hit.Path, StringComparer.Ordinal);
    }

    private void Trim()
    {
        if (_found.Count > KeptMax * 2)
        {
            var kept = Ordered().Take(KeptMax).ToList();
            _found.Clear();
            _found.AddRange(kept);
        }
    }

    private SearchHit ToHit(Found found, IReadOnlyList<Uri> others)
    {
        var hit = found.Hit;
        return new SearchHit
        {
            Site = found.Site,
            Path = SitePath.Parse(hit.Path),
            Url = UrlOf(found),
            Title = hit.Title,
            Type = hit.Type,
            Length = hit.Length,
            ModifiedAt = hit.ModifiedAt,
            Snippet = new(hit.Snippet, [.. hit.Marks.Chunk(2).Select(mark => new TextMark(mark[0], mark[1]))]),
            Audience = hit.Audience,
            Digest = hit.Digest,
            Score = found.Score,
            SameAt = others,
            RecommendedBy = _recommended.TryGetValue((found.Site, hit.Path), out var by) ? [.. by] : [],
        };
    }

    private static Uri UrlOf(Found found) => new(found.Url, "/" + string.Join('/', found.Hit.Path.Split('/').Select(Uri.EscapeDataString)));

    private sealed class Found(SiteName site, Uri url, HitView hit)
    {
        public SiteName Site => site;

        public Uri Url => url;

        public HitView Hit => hit;

        /// <summary>What weighs it: equal documents have equal ones, and nobody comes first for claiming more.</summary>
        public string Weights { get; } = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{hit.Words} {string.Join(' ', hit.PartFrequencies)}");

        public double Score { get; set; }
    }
}
