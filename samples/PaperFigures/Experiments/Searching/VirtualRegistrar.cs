using P2P.Bloom;
using P2P.YouSearch;
using P2P.YouSearch.Hosting;
using P2P.YouSearch.Protocol;
using P2P.YouServ;

namespace PaperFigures.Experiments.Searching;

/// <summary>Carries out for the registrar's machine what its host does otherwise: keeps the vectors and looks for silent sites, in virtual time.</summary>
internal sealed class VirtualRegistrar
{
    /// <summary>How long a look for a site takes that finds nothing.</summary>
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);

    private const string Lease = "lease";

    private readonly SearchRunner _run;
    private readonly RegistrarMachine _machine = new(new(), firstSequence: 1);
    private readonly BloomFilterMatrix<int> _summaries = new(new() { HashCount = SummaryFilter.Vectors, BitsMax = SummaryFilter.BitsMax });
    private readonly Asker[] _askers;
    private readonly PartitionedBloomFilter?[] _known;
    private readonly long[] _generations;

    public VirtualRegistrar(SearchRunner run)
    {
        _run = run;
        var world = run.World;
        _askers = [.. world.Names.Select((name, peer) => Askers.Of(new Visitor { User = UserId.Parse($"{name}@example.org"), Groups = new HashSet<string> { world.GroupOf(peer) } }, name))];
        _known = new PartitionedBloomFilter?[world.Setup.Peers];
        _generations = new long[world.Setup.Peers];
        for (var peer = 0; peer < world.Setup.Peers; peer++)
        {
            var (name, number) = (world.Names[peer], peer);
            _machine.Locate(new(new Candidate { Site = name, Url = SearchRunner.UrlOf(name) }, Lease, Holder: null));
            Change(peer);
            if (world.Kinds[peer] != PeerKind.Dead)
            {
                run.After(_machine.Settings.RefreshInterval * SplitMix.Fraction(SplitMix.Of(world.Setup.Seed, 0, (ulong)peer)), () => Refresh(number));
            }
        }

        Look();
    }

    /// <summary>How many bytes the summaries take.</summary>
    public long MemoryBytes => _summaries.MemoryBytes;

    public CandidateList Find(int peer, CandidateQuery query)
    {
        var found = new SiteSet();
        BloomHash[][] alternatives = [.. query.Alternatives.Select(terms => (BloomHash[])[.. terms.Select(SummaryFilter.HashOf)])];
        MatrixVectors.Find(_summaries, alternatives, found);
        return RegistrarMachine.Check(_askers[peer], query) is { } refusal ? throw new InvalidOperationException(refusal.Reason) : _machine.Answer(_askers[peer], query, found, isExact: true, _run.Now);
    }

    public void ReportSilent(int peer, SiteName site)
    {
        var output = new RegistrarOutbox();
        _machine.ReportSilent(_askers[peer], [site], _run.Now, output);
        output.Probes.ForEach(Probe);
    }

    public void OfferCached(int peer, string key, long sequence) => _machine.OfferCached(_askers[peer], key, sequence, _run.Now);

    /// <summary>Takes the summary of a site that has changed.</summary>
    public void Change(int peer)
    {
        var terms = _run.WordsOf(peer).Select(rank => SummaryTerms.OfWord(WordShares.TextOf(rank))).ToHashSet();
        var before = _known[peer];
        var summary = _known[peer] = Summarizer.Summarize(terms, before);
        _generations[peer]++;
        Register(peer, summary is null ? SummaryNews.Nothing.Instance : new SummaryNews.Whole(summary));
    }

    private void Refresh(int peer)
    {
        Register(peer, _known[peer] is { } summary ? new SummaryNews.AsItWas(summary.ComputeFingerprint()) : SummaryNews.Nothing.Instance);
        _run.After(_machine.Settings.RefreshInterval, () => Refresh(peer));
    }

    private void Register(int peer, SummaryNews news)
    {
        var message = new RegistrationMessage { Site = _run.World.Names[peer], Generation = _generations[peer], Public = news, Members = SummaryNews.Nothing.Instance };
        switch (_machine.Admit(_askers[peer], message, _run.Now))
        {
            case Admission.Taken { Site: var site }:
                if (news is SummaryNews.Whole { Filter: var filter })
                {
                    _summaries.TrySet(site.Number, filter);
                }

                _machine.Complete(site, _askers[peer], message, VectorOutcome.Done, VectorOutcome.Done, _run.Now, new RegistrarOutbox());
                break;
            case Admission.Unknown:
                Register(peer, new SummaryNews.Whole(_known[peer]!));
                break;
            case Admission.Refused { Refusal: var refusal }:
                throw new InvalidOperationException(refusal.Reason);
        }
    }

    private void Probe(SiteName name)
    {
        var peer = SearchRunner.NumberOf(name);
        var time = _run.World.WayOf(_run.World.Registrar, peer, isConnected: false) + _run.World.ServiceOf(_run.World.Setup.Queries, peer);
        var isAlive = _run.World.Kinds[peer] != PeerKind.Dead && time < ProbePatience;
        _run.After(isAlive ? time : ProbePatience, () => _machine.Probed(name, Lease, isAlive));
    }

    private void Look()
    {
        var output = new RegistrarOutbox();
        _machine.Expire(_run.Now, output);
        output.Probes.ForEach(Probe);
        foreach (var number in output.Forgotten)
        {
            _summaries.Remove(number);
            _machine.Free(number);
        }

        _run.After(LookInterval, Look);
    }
}
