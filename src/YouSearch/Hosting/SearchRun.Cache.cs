using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using P2P.YouServ;
using P2P.YouSearch.Wire;

namespace P2P.YouSearch.Hosting;

internal sealed partial class SearchRun
{
    /// <summary>How few answers are not worth being offered to others.</summary>
    private const int OfferedMin = 2;

    private static readonly TimeSpan KeeperDeadline = TimeSpan.FromSeconds(1);

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
        catch (Exception failure) when (failure is HttpRequestException or IOException or OperationCanceledException)
        {
            // The sites are asked themselves.
        }

        var verified = new ConcurrentBag<(SiteName Site, SearchReply Reply, SignedReply Signed)>();
        Parallel.ForEach(replies.OfType<SignedReply>(), signed =>
        {
            if (Verify(signed, isOwn, current) is var (site, reply))
            {
                verified.Add((site, reply, signed));
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

    /// <summary>Only what the site itself has said counts, for this query and these rights; and where a site's rules name people, its answer was for whoever has gathered it alone.</summary>
    private (SiteName Site, SearchReply Reply)? Verify(SignedReply signed, bool isOwn, Dictionary<SiteName, Candidate> current)
    {
        var body = Encoding.UTF8.GetBytes(signed.Body);
        try
        {
            return JsonSerializer.Deserialize(body, SearchJson.Default.SearchReply) is { } reply
                && SiteOf(reply.Host) is var site && current.ContainsKey(site)
                && (isOwn || !reply.IsPersonal)
                && _self.Verify(signed.Proof, SiteClient.AudienceOf(_key, _rights), body, _searcher.CacheLifetime + UserProof.AgeMax)?.Site == site
                ? (site, reply)
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Keeps what was gathered for others of the same rights, and lets the registrar know.</summary>
    private void Offer()
    {
        if (_searcher.Cache is not { } cache || _self.Prover is null || _local is null || !_options.UsesCache || _signed.Count < OfferedMin || !_isWhole
            || Count(SiteState.Answered, SiteState.Empty) == 0)
        {
            return;
        }

        SignedReply[] replies = [.. _signed.OrderBy(signed => signed.Key.Value, StringComparer.Ordinal).Select(signed => signed.Value)];
        var sequence = _sequence;
        _searcher.Afterwards(async () =>
        {
            if (cache.Keep(_key, _rights, replies))
            {
                await _searcher.Registrar.OfferCachedAsync(_key, sequence).ConfigureAwait(false);
            }
        });
    }
}
