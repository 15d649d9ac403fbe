using System.Text;
using P2P.YouServ;
using P2P.YouSearch.Wire;

namespace P2P.YouSearch.Hosting;

internal sealed partial class SearchRun
{
    private const int RecommendedMax = 20;

    /// <summary>
    /// Takes what the owner of a site recommends, if that is a member of the group, and lets the document's own site describe it: whoever may not read it there learns nothing of it here.
    /// </summary>
    private void Recommend(SiteName site, SearchReply reply, SignedReply? signed, bool isTrusted)
    {
        var recommended = reply.Recommended.Where(view => _self.Visitor.Groups.Contains(view.Group) && _recommended.Count < RecommendedMax && _recommended.Add(view)).ToList();
        if (recommended.Count == 0)
        {
            return;
        }

        if (isTrusted)
        {
            Run(() => DescribeAsync(recommended, _self.Visitor.User?.Value ?? ""));
        }
        else if (signed is not null)
        {
            Run(async () =>
            {
                var proof = _self.Verify(signed.Proof, SiteClient.AudienceOf(_key, _rights), Encoding.UTF8.GetBytes(signed.Body), _searcher.CacheLifetime + UserProof.AgeMax);
                return proof?.Visitor.User is { } user && proof.Site == site
                    ? await DescribeAsync([.. recommended.Where(view => proof.Visitor.Groups.Contains(view.Group))], user.Value).ConfigureAwait(false)
                    : static () => false;
            });
        }
    }

    private async Task<Event> DescribeAsync(List<RecommendationView> recommended, string recommender)
    {
        var described = new List<(Candidate Site, HitView Hit, RecommendedBy By)>();
        foreach (var views in recommended.GroupBy(view => view.Site, StringComparer.Ordinal))
        {
            if (!SiteName.TryParse(views.Key, out var name))
            {
                continue;
            }

            var request = RequestOf(isToBeSigned: false) with { Paths = [.. views.Select(view => view.Path).Distinct()] };
            var (candidate, reply) = await AskForPathsAsync(name, request).ConfigureAwait(false);
            if (candidate is null || ReplyCheck.Take(reply, candidate.Url!.Host, _query.Parts.Count) is not { } sound)
            {
                continue;
            }

            described.AddRange(
                from hit in sound.Hits
                from view in views
                where view.Path == hit.Path
                select (candidate, hit, new RecommendedBy(recommender, view.Group)));
        }

        return () =>
        {
            foreach (var (candidate, hit, recommendedBy) in described)
            {
                _merger.Recommend(candidate.Site, candidate.Url!, hit, recommendedBy);
            }

            return described.Count > 0;
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
