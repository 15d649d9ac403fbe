using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using P2P.YouSearch.Http;
using P2P.YouSearch.Protocol;
using P2P.YouSearch.Wire;
using P2P.YouServ;

namespace P2P.YouSearch.Hosting;

internal sealed partial class SearchRun
{
    /// <summary>How few answers are not worth being offered to others.</summary>
    private const int OfferedMin = 4;

    /// <summary>How many characters are kept: written once more as JSON they are up to twice as many, which is what others read.</summary>
    private const long OfferedLengthMax = ReplyLimits.CachedLengthMax * 3 / 8;

    private static readonly TimeSpan KeeperDeadline = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan ClockTolerance = TimeSpan.FromMinutes(1);

    /// <summary>What sites have signed, for all who have signed in and for those of the same groups.</summary>
    private readonly Dictionary<SiteName, SignedReply> _forMembers = [];
    private readonly Dictionary<SiteName, SignedReply> _forGroups = [];
    private long _signedLength;

    /// <summary>Who keeps the answer may be slow, dead, or a liar: then the sites are asked themselves.</summary>
    private async Task<Event> GatherAsync(Candidate keeper, Dictionary<SiteName, Candidate> current)
    {
        IReadOnlyList<SignedReply> replies = [];
        var isOwn = keeper.Site == _local?.Site.Name;
        try
        {
            if (isOwn)
            {
                replies = _searcher.Cache?.Find(_key, _rights) ?? [];
            }
            else if (keeper.Url is not null)
            {
                using var limit = new CancellationTokenSource(KeeperDeadline, _searcher.Clock);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _end);
                replies = (await _searcher.Client.AskCachedAsync(keeper, _key, _self.Prover!, both.Token).ConfigureAwait(false))?.Replies ?? [];
            }
        }
#pragma warning disable CA1031 // Whatever becomes of the keeper, the sites are asked themselves then.
        catch (Exception)
#pragma warning restore CA1031
        {
        }

        var verified = new ConcurrentBag<(SiteName Site, SearchReply Reply, SignedReply Signed)>();
        Parallel.ForEach(OfSites(replies, current), candidate =>
        {
            if (_self.Verify(candidate.Signed.Proof, AudienceOf(candidate.Reply), Encoding.UTF8.GetBytes(candidate.Signed.Body), _searcher.CacheLifetime + ClockTolerance)?.Site == candidate.Site)
            {
                verified.Add(candidate);
            }
        });
        return () =>
        {
            foreach (var (site, reply, signed) in verified.OrderBy(answer => answer.Site.Value, StringComparer.Ordinal))
            {
                if (current.TryGetValue(site, out var candidate) && TakeReply(site, candidate.Url!, reply, signed, isTrusted: false, isFromCache: true))
                {
                    current.Remove(site);
                }
            }

            foreach (var candidate in current.Values)
            {
                Add(candidate);
            }

            return true;
        };
    }

    /// <summary>Takes one reply of each site that is looked for, of those that are for more than one person.</summary>
    private static List<(SiteName Site, SearchReply Reply, SignedReply Signed)> OfSites(IReadOnlyList<SignedReply> replies, Dictionary<SiteName, Candidate> current)
    {
        var (taken, sites) = (new List<(SiteName, SearchReply, SignedReply)>(), new HashSet<SiteName>());
        foreach (var signed in replies.OfType<SignedReply>())
        {
            try
            {
                if (JsonSerializer.Deserialize(signed.Body, SearchJson.Default.SearchReply) is { IsPersonal: false } reply && SiteOf(reply.Host) is var site && current.ContainsKey(site) && sites.Add(site))
                {
                    taken.Add((site, reply, signed));
                }
            }
            catch (JsonException)
            {
            }
        }

        return taken;
    }

    /// <summary>Notes a reply for others of the same rights, as long as they can read all of them together.</summary>
    private void Keep(SiteName site, SearchReply reply, SignedReply? signed)
    {
        if (_searcher.Cache is not null && signed is not null && !reply.IsPersonal && (_signedLength += signed.Body.Length + signed.Proof.Length) <= OfferedLengthMax)
        {
            (reply.IsForMembers ? _forMembers : _forGroups)[site] = signed;
        }
    }

    /// <summary>Keeps what was gathered for others of the same rights, and lets the registrar know.</summary>
    private void Offer()
    {
        if (_searcher.Cache is not { } cache || _self.Prover is null || _local is null || !_options.UsesCache || _forMembers.Count + _forGroups.Count < OfferedMin || _signedLength > OfferedLengthMax || !_isWhole
            || Count(SiteState.Answered, SiteState.Empty) == 0)
        {
            return;
        }

        var (forMembers, forGroups, sequence) = (Sorted(_forMembers), Sorted(_forGroups), _sequence);
        _searcher.Afterwards(async stop =>
        {
            if (cache.Keep(_key, AnswerCache.Members, forMembers) | cache.Keep(_key, _rights, forGroups))
            {
                await _searcher.Registrar.OfferCachedAsync(_key, sequence, stop).ConfigureAwait(false);
            }
        });
    }

    private string AudienceOf(SearchReply reply) => SiteClient.AudienceOf(_key, AnswerCache.RightsFor(reply, _self.Visitor));

    private static SignedReply[] Sorted(Dictionary<SiteName, SignedReply> signed) => [.. signed.OrderBy(reply => reply.Key.Value, StringComparer.Ordinal).Select(reply => reply.Value)];
}
