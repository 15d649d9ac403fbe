using P2P.YouSearch;
using P2P.YouServ;
using PaperFigures.Experiments.Caching;
using PaperFigures.Experiments.Storage;

namespace PaperFigures.Experiments.Searching;

/// <summary>Is what all runs have in common: who has which words, who asks what when, which sites change, and how far peers are from each other.</summary>
internal sealed class SearchWorld
{
    /// <summary>How many round trips setting up a connection takes: TCP, and TLS 1.3.</summary>
    private const int SetUpRoundTrips = 2;

    private const double RoundTripMedianMs = 80;
    private const double RoundTripSigma = 0.7;
    private const double PopularityExponent = 0.75;

    /// <summary>How many queries people may have, for each that is asked.</summary>
    private const double WantedShare = 0.7;

    private const int LengthMax = 3;

    /// <summary>Draws a world.</summary>
    public SearchWorld(SearchSetup setup)
    {
        Setup = setup;
        var random = new Random((int)setup.Seed);
        var order = Enumerable.Range(0, setup.Peers).ToArray();
        random.Shuffle(order);
        Kinds = new PeerKind[setup.Peers];
        var (dead, slow) = ((int)Math.Round(setup.Peers * SearchSetup.Dead), (int)Math.Round(setup.Peers * SearchSetup.Slow));
        foreach (var peer in order.Take(dead + slow))
        {
            Kinds[peer] = Array.IndexOf(order, peer) < dead ? PeerKind.Dead : PeerKind.Slow;
        }

        Words = [.. Enumerable.Range(0, setup.Peers).Select(_ => WordShares.Draw(random))];
        Names = [.. Enumerable.Range(0, setup.Peers).Select(peer => SiteName.Parse($"p{peer}"))];
        Queries = DrawQueries(random);
        Changes = DrawChanges(random);
    }

    public SearchSetup Setup { get; }

    public PeerKind[] Kinds { get; }

    /// <summary>The words of each site at the beginning, by their ranks.</summary>
    public int[][] Words { get; }

    public SiteName[] Names { get; }

    /// <summary>What is asked, in the order of time.</summary>
    public AskedQuery[] Queries { get; }

    /// <summary>What becomes of sites meanwhile, in the order of time.</summary>
    public SiteChange[] Changes { get; }

    /// <summary>What stands for the registrar where peers have numbers.</summary>
    public int Registrar => Setup.Peers;

    /// <summary>In which group the user of a peer is.</summary>
    public string GroupOf(int peer) => $"group{peer % Setup.Groups}";

    /// <summary>The round trip between two, drawn for each pair.</summary>
    public TimeSpan RoundTrip(int one, int other)
    {
        var pair = SplitMix.Of(Setup.Seed, (ulong)Math.Min(one, other), (ulong)Math.Max(one, other));
        return TimeSpan.FromMilliseconds(RoundTripMedianMs * Math.Exp(RoundTripSigma * Normal.Of(SplitMix.Fraction(pair), SplitMix.Fraction(SplitMix.Next(pair)))));
    }

    /// <summary>How long it takes until an answer is there, without the time that the other needs to find it.</summary>
    public TimeSpan WayOf(int one, int other, bool isConnected) => RoundTrip(one, other) * (isConnected ? 1 : 1 + SetUpRoundTrips);

    /// <summary>How long a peer needs to find an answer: 2 to 8 ms, drawn for each search.</summary>
    public TimeSpan ServiceOf(int search, int peer) =>
        TimeSpan.FromMilliseconds(2 + (6 * SplitMix.Fraction(SplitMix.Of(Setup.Seed ^ 0x5e, (ulong)search, (ulong)peer)))) + (Kinds[peer] == PeerKind.Slow ? SearchSetup.SlowBy : TimeSpan.Zero);

    private AskedQuery[] DrawQueries(Random random)
    {
        var words = new Lottery(Enumerable.Range(1, SearchSetup.Words).Select(rank => 1.0 / rank));
        var wanted = new Dictionary<string, WantedQuery>();
        while (wanted.Count < Math.Max(1, (int)(Setup.Queries * WantedShare)))
        {
            int[] ranks = [.. Enumerable.Range(0, 1 + random.Next(LengthMax)).Select(_ => words.Draw(random)).Distinct()];
            if (!SearchQuery.TryParse(string.Join(' ', ranks.Select(WordShares.TextOf)), out var query, out var problem))
            {
                throw new InvalidOperationException(problem);
            }

            wanted.TryAdd(query.Canonical, new(query, ranks));
        }

        WantedQuery[] all = [.. wanted.Values];
        var popularity = new Lottery(Enumerable.Range(1, all.Length).Select(rank => Math.Pow(rank, -PopularityExponent)));
        int[] askers = [.. Enumerable.Range(0, Setup.Peers).Where(peer => Kinds[peer] == PeerKind.Prompt)];
        return [.. Times(Setup.Queries, random).Select(at => new AskedQuery(all[popularity.Draw(random)], askers[random.Next(askers.Length)], at))];
    }

    private SiteChange[] DrawChanges(Random random) =>
        [.. Times((int)(Setup.Peers * (SearchSetup.Span / Setup.ChangeInterval)), random).Select(at =>
        {
            var peer = random.Next(Setup.Peers);
            return new SiteChange(peer, at, WordShares.Draw(random) is [.., var rare] ? rare : 0, Words[peer] is { Length: > 0 } words ? words[random.Next(words.Length)] : 0);
        }).Where(change => Kinds[change.Peer] != PeerKind.Dead)];

    private static double[] Fractions(int count, Random random) => [.. Enumerable.Range(0, count).Select(_ => random.NextDouble()).Order()];

    private static IEnumerable<TimeSpan> Times(int count, Random random) => Fractions(count, random).Select(fraction => SearchSetup.Span * fraction);
}
