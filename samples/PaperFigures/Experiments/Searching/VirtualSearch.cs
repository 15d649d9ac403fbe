using System.Globalization;
using System.Text.Json;
using P2P.YouSearch;
using P2P.YouSearch.Protocol;
using P2P.YouSearch.Wire;
using P2P.YouServ;

namespace PaperFigures.Experiments.Searching;

/// <summary>Is one search: it takes the course that <see cref="P2P.YouSearch.Hosting"/> gives searches, with the same machines, in virtual time.</summary>
internal sealed class VirtualSearch
{
    private const int HitsShown = 20;

    /// <summary>How few answers are not worth being offered to others.</summary>
    private const int OfferedMin = 4;
    private const int AskedCount = 50;

    private static readonly TimeSpan KeeperDeadline = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan RegistrarService = TimeSpan.FromMilliseconds(1);

    private readonly SearchRunner _run;
    private readonly int _number;
    private readonly AskedQuery _asked;
    private readonly string _key;
    private readonly string _rights;
    private readonly TimeSpan _start;
    private readonly FanOut<int> _fanOut;
    private readonly ResultMerger _merger;

    /// <summary>The sites that are waited for or have answered: whether a document was found, or null.</summary>
    private readonly SortedDictionary<int, bool?> _sites = [];
    private readonly Dictionary<SiteName, SignedReply> _signed = [];
    private readonly List<int> _missed = [];
    private int _running;
    private int _turns;
    private bool _isOver;
    private long _sequence;
    private int _named, _vain, _contacts, _fromCache, _toRegistrar;
    private bool _isWhole, _askedKeeper;
    private TimeSpan? _first;
    private TimeSpan _all;

    public VirtualSearch(SearchRunner run, int number, AskedQuery asked)
    {
        (_run, _number, _asked, _start) = (run, number, asked, run.Now);
        _key = QueryKey.Of(Query, AskedCount);
        _rights = AnswerCache.Members; // Whatever is found here is open to everyone.
        _fanOut = new(run.World.Setup.Limits, TimeSpan.Zero);
        _merger = new(Query.Parts.Count, HitsShown);
    }

    private SearchQuery Query => _asked.Wanted.Query;

    private TimeSpan Now => _run.Now - _start;

    private TimeSpan Deadline => _run.World.Setup.Limits.Deadline;

    /// <summary>Asks the site of the machine itself, and the registrar for others.</summary>
    public void Begin()
    {
        _sites[_asked.Peer] = null;
        _running = 2;
        _run.After(_run.World.ServiceOf(_number, _asked.Peer), () => Happen(() =>
        {
            _running--;
            Take(_asked.Peer, Answer(_asked.Peer), signed: null, isFromCache: false);
        }));
        var query = new CandidateQuery
        {
            Alternatives = [.. SummaryTerms.Of(Query), QueryKey.TermsOfRecommendation(Query.Canonical, _run.World.GroupOf(_asked.Peer))],
            Key = _run.UsesCache ? _key : "",
        };
        AskRegistrar(() => _run.Registrar.Find(_asked.Peer, query), list =>
        {
            _running--;
            Begin(list);
        });
        Turn();
    }

    private void Begin(CandidateList list)
    {
        (_sequence, _isWhole, _all) = (list.Sequence, list.IsComplete, Now);
        var current = new SortedSet<int>();
        foreach (var candidate in list.Candidates)
        {
            var site = SearchRunner.NumberOf(candidate.Site);
            if (!_sites.TryAdd(site, null))
            {
                continue;
            }

            _named++;
            _vain += _run.HasAll(site, _asked.Wanted.Words) ? 0 : 1;
            if (list.Cache is not null && candidate.IsCurrentInCache)
            {
                current.Add(site);
            }
            else
            {
                _fanOut.Add(site);
            }
        }

        if (list.Cache is { } keeper && current.Count > 0)
        {
            Gather(SearchRunner.NumberOf(keeper.Site), current);
        }
    }

    /// <summary>Asks who has gathered the answers before; what does not come from there is asked of the sites themselves.</summary>
    private void Gather(int keeper, SortedSet<int> current)
    {
        _running++;
        var isWaited = true;
        if (keeper == _asked.Peer)
        {
            TakeGathered(_run.CacheOf(keeper).Find(_key, _rights, _run.Now));
            return;
        }

        _askedKeeper = true;
        _run.After(KeeperDeadline, () => Happen(() => TakeGathered(null)));
        _run.Ask(_asked.Peer, keeper, _run.World.ServiceOf(_number, keeper), () => _run.CacheOf(keeper).Find(_key, _rights, _run.Now), replies =>
        {
            var wasWaited = isWaited;
            Happen(() => TakeGathered(replies));
            return wasWaited;
        });

        void TakeGathered(IReadOnlyList<SignedReply>? replies)
        {
            if (!isWaited)
            {
                return;
            }

            isWaited = false;
            _running--;
            foreach (var signed in (replies ?? []).Where(IsFresh))
            {
                var reply = JsonSerializer.Deserialize(signed.Body, SearchJson.Default.SearchReply)!;
                var site = SearchRunner.NumberOf(SiteName.Parse(reply.Host.Split('.')[0]));
                if (current.Remove(site))
                {
                    Take(site, reply, signed, isFromCache: true);
                }
            }

            foreach (var site in current)
            {
                _fanOut.Add(site);
            }
        }
    }

    /// <summary>A proof says when it was made, and counts for so long. The time stands for all of it here.</summary>
    private bool IsFresh(SignedReply signed) =>
        _run.Now - TimeSpan.FromTicks(long.Parse(signed.Proof, CultureInfo.InvariantCulture)) <= new YouSearchOptions().CacheLifetime + UserProof.AgeMax;

    /// <summary>Something happens, unless the search is over, and then it is seen what is to be done.</summary>
    private void Happen(Action happened)
    {
        if (!_isOver)
        {
            happened();
            Turn();
        }
    }

    private void Turn()
    {
        Expire();
        while (_fanOut.TryNext(Now, out var site))
        {
            Ask(site);
        }

        if ((_running == 0 && _fanOut.IsDone) || Now >= Deadline)
        {
            End();
            return;
        }

        var turn = ++_turns;
        _run.After(_fanOut.Due - Now, () =>
        {
            if (turn == _turns)
            {
                Happen(static () => { });
            }
        });
    }

    private void Ask(int site)
    {
        _contacts++;
        _run.Ask(_asked.Peer, site, _run.World.ServiceOf(_number, site), () => (Answer(site), _run.Now), answer =>
        {
            var (reply, at) = answer;
            var isWaited = !_isOver && _fanOut.Answered(site);
            if (isWaited)
            {
                var signed = new SignedReply { Body = JsonSerializer.Serialize(reply, SearchJson.Default.SearchReply), Proof = at.Ticks.ToString(CultureInfo.InvariantCulture) };
                Happen(() => Take(site, reply, signed, isFromCache: false));
            }

            return isWaited;
        });
    }

    private void Expire()
    {
        var (silent, unasked) = (new List<int>(), new List<int>());
        _fanOut.Expire(Now, silent, unasked);
        foreach (var site in silent.Concat(unasked).Where(site => _run.World.Kinds[site] == PeerKind.Prompt))
        {
            _missed.Add(site);
            _all = Now;
        }

        foreach (var site in silent)
        {
            _running++;
            AskRegistrar(
                () =>
                {
                    _run.Registrar.ReportSilent(_asked.Peer, _run.World.Names[site]);
                    return true;
                },
                _ => _running--);
        }
    }

    private void Take(int site, SearchReply reply, SignedReply? signed, bool isFromCache)
    {
        var sound = ReplyCheck.Take(reply, reply.Host, Query.Parts.Count)!;
        _merger.Add(_run.World.Names[site], SearchRunner.UrlOf(_run.World.Names[site]), sound);
        _sites[site] = sound.Matches > 0;
        _fromCache += isFromCache ? 1 : 0;
        if (signed is not null)
        {
            _signed[_run.World.Names[site]] = signed;
            _all = Now;
            _first ??= sound.Matches > 0 ? Now : null;
        }
    }

    /// <summary>Answers as a site does that has a document with all of its words.</summary>
    private SearchReply Answer(int site)
    {
        var (name, words, hasAll) = (_run.World.Names[site], _run.WordsOf(site).Count, _run.HasAll(site, _asked.Wanted.Words));
        double[] once = [.. Query.Parts.Select(_ => 1.0)];
        return new()
        {
            Host = SearchRunner.UrlOf(name).Host,
            Documents = 1,
            Words = words,
            PartDocuments = [.. Query.Parts.Select(_ => hasAll ? 1L : 0)],
            Matches = hasAll ? 1 : 0,
            Hits = hasAll ? [new HitView { Path = "index.html", Title = name.Value, Type = "html", Digest = "", Words = words, PartFrequencies = once }] : [],
        };
    }

    private void AskRegistrar<T>(Func<T> serve, Action<T> take)
    {
        _toRegistrar++;
        _run.Ask(_asked.Peer, _run.World.Registrar, RegistrarService, serve, answer =>
        {
            Happen(() => take(answer));
            return true;
        });
    }

    private void End()
    {
        _isOver = true;
        if (_run.UsesCache && _isWhole && _signed.Count >= OfferedMin && _contacts > 0
            && _run.CacheOf(_asked.Peer).Keep(_key, _rights, [.. _signed.OrderBy(signed => signed.Key.Value, StringComparer.Ordinal).Select(signed => signed.Value)], _run.Now))
        {
            AskRegistrar(
                () =>
                {
                    _run.Registrar.OfferCached(_asked.Peer, _key, _sequence);
                    return true;
                },
                static _ => { });
        }

        _run.End(new()
        {
            Number = _number,
            Named = _named,
            NamedInVain = _vain,
            Missed = _missed,
            Asked = _contacts,
            AskedKeeper = _askedKeeper,
            FromCache = _fromCache,
            ToRegistrar = _toRegistrar,
            First = _first,
            All = _all,
            End = Now,
            Found = [.. _sites.Where(site => site.Value == true).Select(site => site.Key)],
        });
    }
}
