using Microsoft.Extensions.Logging;
using P2P.Bloom;
using P2P.YouSearch.Protocol;
using P2P.YouSearch.Wire;

namespace P2P.YouSearch.Hosting;

/// <summary>
/// Lets k others hold a vector each, and names the sites that all of them name. A holder excludes a site only if it certainly has the site's present vector, from before the query was sent until
/// it was answered: what is lost, late or restarted names too many, and never too few.
/// </summary>
internal sealed partial class VectorFront(IReadOnlyList<IVectorLink> links, ulong session, ILogger logger) : ISummaryVectors
{
    private readonly Lock _gate = new();
    private readonly HeldVector[] _holders = [.. links.Select((link, index) => new HeldVector(index, link))];
    private readonly SiteSet[] _known = [new(), new()];
    private readonly HashSet<Search> _searches = [];
    private long _order;

    public int Parts => SummaryFilter.Vectors;

    public long MemoryBytes => 0;

    public bool IsLacking(SummaryScope scope, int site)
    {
        lock (_gate)
        {
            return Array.Exists(_holders, holder => !holder.IsLost && !holder.Current(scope).Contains(site));
        }
    }

    public ValueTask<VectorOutcome> SetAsync(SummaryScope scope, int site, PartitionedBloomFilter filter)
    {
        lock (_gate)
        {
            _known[(int)scope].Add(site);
        }

        return TellAsync(scope, site, holder => New(VectorRequestKind.Set, scope, site) with { Vector = filter.Vector(holder.Index) });
    }

    public ValueTask<VectorOutcome> ChangeAsync(SummaryScope scope, int site, SummaryNews.Changes changes) =>
        IsLacking(scope, site)
            ? new(VectorOutcome.Lacking)
            : TellAsync(scope, site, holder => New(VectorRequestKind.Change, scope, site) with { Delta = changes.Parts[holder.Index] });

    public async ValueTask RemoveAsync(SummaryScope scope, int site)
    {
        lock (_gate)
        {
            if (!_known[(int)scope].Contains(site))
            {
                return;
            }

            _known[(int)scope].Remove(site);
        }

        await TellAsync(scope, site, _ => New(VectorRequestKind.Remove, scope, site)).ConfigureAwait(false);
        lock (_gate)
        {
            // It has no vector there, which is not one that could exclude it.
            Array.ForEach(_holders, holder => Doubt(holder, scope, site));
        }
    }

    public async ValueTask<bool> FindAsync(SummaryScope scope, BloomHash[][] alternatives, SiteSet found, CancellationToken cancellationToken)
    {
        var search = new Search(scope, _holders.Length);
        HeldVector[] asked;
        lock (_gate)
        {
            search.Known.CopyFrom(_known[(int)scope].Words);
            asked = [.. _holders.Where(holder => !holder.IsLost)];
            foreach (var holder in asked)
            {
                search.Trusted[holder.Index].CopyFrom(holder.Current(scope).Words);
            }

            _searches.Add(search);
        }

        try
        {
            var request = New(VectorRequestKind.Find, scope, site: 0) with { Alternatives = alternatives };
            var replies = await Task.WhenAll(asked.Select(holder => CallAsync(holder, request, cancellationToken))).ConfigureAwait(false);
            lock (_gate)
            {
                return search.Conclude(asked, replies, alternatives.Length, found);
            }
        }
        finally
        {
            lock (_gate)
            {
                _searches.Remove(search);
            }
        }
    }

    public async ValueTask CheckAsync(CancellationToken cancellationToken)
    {
        HeldVector[] lost;
        lock (_gate)
        {
            lost = [.. _holders.Where(holder => holder.IsLost || holder.Epoch is null)];
        }

        await Task.WhenAll(lost.Select(holder => CallAsync(holder, New(VectorRequestKind.Hello, default, site: 0), cancellationToken))).ConfigureAwait(false);
    }

    public ValueTask DisposeAsync()
    {
        foreach (var holder in _holders)
        {
            holder.Link.Dispose();
        }

        return default;
    }

    /// <summary>Tells all holders that can be reached something of a site. Until one has confirmed it, it excludes the site from nothing.</summary>
    private async ValueTask<VectorOutcome> TellAsync(SummaryScope scope, int site, Func<HeldVector, VectorRequest> create)
    {
        HeldVector[] told;
        lock (_gate)
        {
            Array.ForEach(_holders, holder => Doubt(holder, scope, site));
            told = [.. _holders.Where(holder => !holder.IsLost)];
        }

        var outcomes = await Task.WhenAll(told.Select(async holder =>
        {
            var reply = await CallAsync(holder, create(holder), CancellationToken.None).ConfigureAwait(false);
            lock (_gate)
            {
                if (reply is { Outcome: VectorOutcome.Done } && reply.Epoch == holder.Epoch)
                {
                    holder.Current(scope).Add(site);
                }
            }

            return reply?.Outcome ?? VectorOutcome.Done;
        })).ConfigureAwait(false);
        return outcomes.Contains(VectorOutcome.Full) ? VectorOutcome.Full : outcomes.Contains(VectorOutcome.Lacking) ? VectorOutcome.Lacking : VectorOutcome.Done;
    }

    private async Task<VectorReply?> CallAsync(HeldVector holder, VectorRequest request, CancellationToken cancellationToken)
    {
        var reply = await holder.Link.CallAsync(request, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            var wasLost = holder.IsLost;
            if (reply is null)
            {
                // Who has stopped waiting learns nothing of the holder.
                holder.IsLost |= !cancellationToken.IsCancellationRequested;
            }
            else
            {
                holder.IsLost = false;
                if (holder.Note(reply.Epoch))
                {
                    foreach (var search in _searches)
                    {
                        search.Trusted[holder.Index].Clear();
                    }
                }
            }

            if (holder.IsLost != wasLost)
            {
                Log(holder.Index, holder.IsLost);
            }
        }

        return reply;
    }

    private void Doubt(HeldVector holder, SummaryScope scope, int site)
    {
        holder.Current(scope).Remove(site);
        foreach (var search in _searches)
        {
            if (search.Scope == scope)
            {
                search.Trusted[holder.Index].Remove(site);
            }
        }
    }

    private VectorRequest New(VectorRequestKind kind, SummaryScope scope, int site) =>
        new() { Kind = kind, Session = session, Order = Interlocked.Increment(ref _order), Scope = scope, Site = site };

    private void Log(int index, bool isLost)
    {
        if (isLost)
        {
            LogLost(index);
        }
        else
        {
            LogFound(index);
        }
    }

    [LoggerMessage(6010, LogLevel.Warning, "Who holds vector {Index} does not answer: until it does, more sites are named than need be.")]
    private partial void LogLost(int index);

    [LoggerMessage(6011, LogLevel.Information, "Who holds vector {Index} answers again.")]
    private partial void LogFound(int index);

    /// <summary>Is a query under way.</summary>
    private sealed class Search(SummaryScope scope, int holders)
    {
        public SummaryScope Scope { get; } = scope;

        /// <summary>The sites that have a summary.</summary>
        public SiteSet Known { get; } = new();

        /// <summary>For each holder the sites that it may exclude.</summary>
        public SiteSet[] Trusted { get; } = [.. Enumerable.Range(0, holders).Select(_ => new SiteSet())];

        /// <summary>Adds to a set what the answers leave.</summary>
        /// <returns>Whether nothing was left for lack of an answer.</returns>
        public bool Conclude(HeldVector[] asked, VectorReply?[] replies, int alternatives, SiteSet found)
        {
            for (var index = 0; index < asked.Length; index++)
            {
                // An epoch that began meanwhile has cleared what is trusted already, unless another answer has brought the old one back.
                if (replies[index] is not { } reply || reply.Epoch != asked[index].Epoch || reply.Found.Count != alternatives)
                {
                    Trusted[asked[index].Index].Clear();
                }
            }

            var left = new SiteSet();
            for (var alternative = 0; alternative < alternatives; alternative++)
            {
                left.CopyFrom(Known.Words);
                for (var index = 0; index < asked.Length; index++)
                {
                    var excluded = new SiteSet();
                    excluded.CopyFrom(Trusted[asked[index].Index].Words);
                    if (replies[index]?.Found is { } sets && sets.Count == alternatives)
                    {
                        excluded.ExceptWith(sets[alternative]);
                    }

                    left.ExceptWith(excluded);
                }

                found.UnionWith(left.Words);
            }

            return Array.TrueForAll(Trusted, trusted =>
            {
                left.CopyFrom(Known.Words);
                left.ExceptWith(trusted);
                return left.Words.IndexOfAnyExcept(0UL) < 0;
            });
        }
    }
}
