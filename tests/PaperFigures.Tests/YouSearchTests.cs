using System.Globalization;
using PaperFigures.Experiments.Searching;

namespace PaperFigures.Tests;

/// <summary>Searches find what is there, over the network and with kept answers, and take no longer than they may.</summary>
public sealed class YouSearchTests
{
    private static readonly SearchSetup Small = new(Seed: 1, Peers: 200, Queries: 200);

    [Fact]
    public void Each_search_finds_exactly_the_live_peers_that_have_the_words_and_are_near_enough()
    {
        var world = new SearchWorld(Small);
        var outcomes = SearchRunner.Measure(world, usesCache: false, changes: false);
        Assert.Equal(world.Queries.Length, outcomes.Count);
        foreach (var outcome in outcomes)
        {
            var asked = world.Queries[outcome.Number];
            var live = Enumerable.Range(0, Small.Peers)
                .Where(peer => world.Kinds[peer] == PeerKind.Prompt && asked.Wanted.Words.All(word => world.Words[peer].Contains(word)));
            Assert.Equal(live.Except(outcome.Missed), outcome.Found);
            Assert.All(outcome.Missed, peer => Assert.True(world.WayOf(asked.Peer, peer, isConnected: false) + world.ServiceOf(outcome.Number, peer) > Small.SiteDeadline));
        }

        Assert.Contains(outcomes, outcome => outcome.Found.Count > Small.Peers / 5);
    }

    [Fact]
    public void With_kept_answers_searches_find_the_same_and_ask_fewer_peers()
    {
        var world = new SearchWorld(Small with { Groups = 1 });
        var network = SearchRunner.Measure(world, usesCache: false, changes: false);
        var kept = SearchRunner.Measure(world, usesCache: true, changes: false);
        Assert.All(network.Zip(kept), pair => Assert.Equal(pair.First.Found.Except(pair.Second.Missed), pair.Second.Found.Except(pair.First.Missed)));
        Assert.Contains(kept, outcome => outcome.FromCache > 0);
        Assert.InRange(kept.Sum(outcome => outcome.ToPeers), 1, network.Sum(outcome => outcome.ToPeers) - 1);
    }

    [Fact]
    public void Kept_answers_hide_no_change_of_a_site()
    {
        var world = new SearchWorld(Small with { Groups = 1, ChangeInterval = TimeSpan.FromMinutes(5) });
        var outcomes = SearchRunner.Measure(world, usesCache: true, changes: true);
        Assert.Contains(outcomes, outcome => outcome.FromCache > 0);
        Assert.All(outcomes, outcome => Assert.Equal(0, SearchOracle.CountWrong(world, outcome, changes: true)));
    }

    [Fact]
    public void Oracle_sees_a_site_that_was_left_out_and_one_that_has_nothing()
    {
        var world = new SearchWorld(Small);
        var outcome = SearchRunner.Measure(world, usesCache: false, changes: false).First(outcome => outcome.Found.Count is > 0 and < 20);
        var other = Enumerable.Range(0, Small.Peers).First(peer => world.Kinds[peer] == PeerKind.Prompt && !outcome.Found.Contains(peer) && !outcome.Missed.Contains(peer));
        Assert.Equal(0, SearchOracle.CountWrong(world, outcome, changes: false));
        Assert.Equal(1, SearchOracle.CountWrong(world, outcome with { Found = [.. outcome.Found.Skip(1)] }, changes: false));
        Assert.Equal(1, SearchOracle.CountWrong(world, outcome with { Found = [.. outcome.Found, other] }, changes: false));
    }

    [Fact]
    public void No_search_takes_longer_than_it_may_however_many_peers_are_silent()
    {
        var world = new SearchWorld(Small with { Deadline = TimeSpan.FromSeconds(1) });
        var outcomes = SearchRunner.Measure(world, usesCache: true, changes: true);
        Assert.All(outcomes, outcome => Assert.InRange(outcome.End, outcome.All, TimeSpan.FromSeconds(1)));
        Assert.Contains(outcomes, outcome => outcome.End == TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void The_same_seed_gives_the_same_figures()
    {
        var (one, other) = (SmallRun.Of("yousearch", CultureInfo.InvariantCulture), SmallRun.Of("yousearch", CultureInfo.InvariantCulture));
        Assert.Equal((one.Json, one.Csv, one.Svg), (other.Json, other.Csv, other.Svg));
    }

    [Fact]
    public void Common_words_are_at_the_share_of_peers_that_they_are_said_to_be_at_and_rare_ones_at_few()
    {
        var random = new Random(1);
        int[][] sites = [.. Enumerable.Range(0, 2_000).Select(_ => WordShares.Draw(random))];
        Assert.InRange(sites.Count(words => words is [0, ..]) / 2_000.0, 0.38, 0.46);
        Assert.InRange(sites.Sum(words => words.Count(word => word is >= 10_000 and < 11_000)) / 2_000.0 / 1_000, 0.010, 0.016);
        Assert.All(sites, words => Assert.Equal(words.Distinct().Order(), words));
    }
}
