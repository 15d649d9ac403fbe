using System.Text;
using P2P.YouSearch.Wire;
using P2P.YouServ;

namespace P2P.YouSearch.Hosting;

internal sealed partial class SearchRun
{
    /// <summary>How many recommendations are looked at, and how many of one site's owner.</summary>
    private const int RecommendedMax = 40;
    private const int RecommendedOfSiteMax = 5;

    private readonly HashSet<(SiteName By, RecommendationView View)> _recommended = [];

    /// <summary>
    /// Takes what the owner of a site recommends, if that is a member of the group, and lets the document's own site describe it: whoever may not read it there learns nothing of it here.
    /// </summary>
    private void Recommend(SiteName site, SearchReply reply, SignedReply? signed, bool isTrusted)
    {
        var views = reply.Recommended.Where(view => _self.Visitor.Groups.Contains(view.Group)).Distinct().Take(RecommendedOfSiteMax).ToList();
        if (views.Count == 0)
        {
            return;
        }

        if (isTrusted)
        {
            Describe(site, views, _self.Visitor.User?.Value ?? "");
        }
        else if (signed is not null)
        {
            Run(() =>
            {
                var proof = _self.Verify(signed.Proof, AudienceOf(reply), Encoding.UTF8.GetBytes(signed.Body), _searcher.CacheLifetime + ClockTolerance);
                return Task.FromResult<Event>(() =>
                {
                    if (proof?.Visitor.User is { } user && proof.Site == site)
                    {
                        Describe(site, [.. views.Where(view => proof.Visitor.Groups.Contains(view.Group))], user.Value);
                    }

                    return false;
                });
            });
        }
    }

    /// <summary>Asks the sites of recommended documents for them, each by itself: one that is away keeps nobody from the others.</summary>
    private void Describe(SiteName by, IReadOnlyList<RecommendationView> views, string recommender)
    {
        foreach (var ofSite in views.Where(view => _recommended.Count < RecommendedMax && _recommended.Add((by, view))).GroupBy(view => view.Site, StringComparer.Ordinal))
        {
            if (SiteName.TryParse(ofSite.Key, out var name))
            {
                Run(() => DescribeAsync(name, [.. ofSite], recommender));
            }
        }
    }

    private async Task<Event> DescribeAsync(SiteName name, IReadOnlyList<RecommendationView> views, string recommender)
    {
        var request = RequestOf(isToBeSigned: false) with { Paths = [.. views.Select(view => view.Path).Distinct()] };
        var (candidate, reply) = await AskForPathsAsync(name, request).ConfigureAwait(false);
        return () =>
        {
            if (candidate is null || ReplyCheck.Take(reply, candidate.Url!.Host, _query.Parts.Count) is not { } sound)
            {
                return false;
            }

            foreach (var hit in sound.Hits)
            {
                foreach (var view in views.Where(view => view.Path == hit.Path))
                {
                    _merger.Recommend(candidate.Site, candidate.Url!, hit, new(recommender, view.Group));
                }
            }

            return true;
        };
    }

    private async Task<(Candidate? Site, SearchReply? Reply)> AskForPathsAsync(SiteName name, SearchRequest request)
    {
        if (_local is var (local, visitor, url) && local.Name == name)
        {
            return (new Candidate { Site = name, Url = url }, await local.AnswerAsync(_query, request, visitor, _end).ConfigureAwait(false));
        }

        var list = await _searcher.Registrar.FindAsync(new CandidateQuery { Sites = [name] }, _end).ConfigureAwait(false);
        if (list.Candidates.FirstOrDefault(candidate => candidate.Site == name) is not { Url: not null } candidate)
        {
            return default;
        }

        using var limit = new CancellationTokenSource(_searcher.Limits.SiteDeadline, _searcher.Clock);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _end);
        var answer = await _searcher.Client.AskAsync(candidate, request, _self.Prover, both.Token).ConfigureAwait(false);
        return (candidate, answer?.Reply);
    }
}
