using P2P.Bloom;
using P2P.YouSearch;
using P2P.YouSearch.Protocol;
using P2P.YouSearch.Wire;

namespace YouSearch.Tests.Registrar;

public sealed class VectorFrontTests
{
    private readonly RegistrarGround _ground = new(splits: true);

    [Fact]
    public async Task Vectors_that_are_held_apart_find_what_they_would_find_together()
    {
        var together = new RegistrarGround();
        for (var site = 0; site < 40; site++)
        {
            var filter = Filter(site);
            await together.RegisterAsync($"s{site}", filter);
            await _ground.RegisterAsync($"s{site}", filter);
        }

        for (var term = 0; term < 60; term++)
        {
            var query = RegistrarGround.For(Term(term)) with { Alternatives = [[Term(term), Term(term + 1)], [Term(term + 7)]] };
            var list = await _ground.FindAsync(query);
            Assert.True(list.IsExact);
            Assert.Equal(RegistrarGround.NamesOf(await together.FindAsync(query)), RegistrarGround.NamesOf(list));
        }
    }

    [Fact]
    public async Task Each_holder_is_told_of_its_own_vector_only()
    {
        var filter = Filter(1);
        await _ground.RegisterAsync("alice", filter);
        Assert.All(_ground.Holders, holder => Assert.Equal(VectorRequestKind.Set, holder.Last!.Kind));
        Assert.Equal([0, 1, 2], _ground.Holders.Select(holder => holder.Last!.Vector!.Index));
        Assert.Equal(filter!.Vector(2).ComputeFingerprint(), _ground.Holders[2].Last!.Vector!.ComputeFingerprint());

        Assert.True((await ChangeAsync("alice", Filter(1, 99), filter)).IsKnown);
        Assert.All(_ground.Holders, holder => Assert.Equal(VectorRequestKind.Change, holder.Last!.Kind));
        Assert.Equal(["alice"], await _ground.NamesAsync(Term(99)));
    }

    [Fact]
    public async Task A_lost_holder_makes_lists_longer_and_leaves_nobody_out()
    {
        for (var site = 0; site < 40; site++)
        {
            await _ground.RegisterAsync($"s{site}", Filter(site));
        }

        _ground.Holders[1].IsCut = true;
        for (var round = 0; round < 2; round++)
        {
            var list = await _ground.FindAsync(RegistrarGround.For(Term(20)));
            Assert.False(list.IsExact);
            Assert.Contains("s20", RegistrarGround.NamesOf(list));
            Assert.InRange(list.Candidates.Count, 1, 40);
        }

        _ground.Holders[0].IsCut = _ground.Holders[2].IsCut = true;
        Assert.Equal(40, (await _ground.FindAsync(RegistrarGround.For(Term(20)))).Candidates.Count);

        Array.ForEach(_ground.Holders, holder => holder.IsCut = false);
        await _ground.LookAsync();
        var exact = await _ground.FindAsync(RegistrarGround.For(Term(1000)));
        Assert.True(exact.IsExact);
        Assert.Empty(exact.Candidates);
    }

    [Fact]
    public async Task A_holder_that_has_lost_all_excludes_nobody_until_it_was_told_again()
    {
        var filter = Filter(1);
        await _ground.RegisterAsync("alice", filter);
        Assert.Empty(await _ground.NamesAsync(Term(1000)));
        Array.ForEach(_ground.Holders, holder => holder.Restart());

        // The first answer already comes from another epoch.
        var list = await _ground.FindAsync(RegistrarGround.For(Term(1000)));
        Assert.False(list.IsExact);
        Assert.Equal(["alice"], RegistrarGround.NamesOf(list));

        Assert.False((await ChangeAsync("alice", filter, filter)).IsKnown);
        Assert.True((await _ground.RegisterAsync("alice", filter)).IsKnown);
        Assert.True((await ChangeAsync("alice", filter, filter)).IsKnown);
        Assert.Empty(await _ground.NamesAsync(Term(1000)));
        Assert.True((await _ground.FindAsync(RegistrarGround.For(Term(1000)))).IsExact);
    }

    [Fact]
    public async Task A_holder_that_is_away_is_told_when_it_is_back_and_not_asked_for_before()
    {
        var (before, after) = (Filter(1), Filter(2));
        await _ground.RegisterAsync("alice", before);
        _ground.Holders[1].IsCut = true;
        await _ground.NamesAsync(1);

        // The others are told. That nobody is asked for the whole again and again spares the peers.
        Assert.True((await ChangeAsync("alice", after, before)).IsKnown);
        Assert.Equal(["alice"], await _ground.NamesAsync(Term(2)));
        Assert.True((await ChangeAsync("alice", after, after)).IsKnown);

        _ground.Holders[1].IsCut = false;
        await _ground.LookAsync();
        Assert.Equal(["alice"], await _ground.NamesAsync(Term(2)));
        Assert.False((await ChangeAsync("alice", after, after)).IsKnown);
        await _ground.RegisterAsync("alice", after);
        Assert.True((await _ground.FindAsync(RegistrarGround.For(Term(2)))).IsExact);
    }

    [Fact]
    public async Task What_comes_late_does_not_undo_what_was_said_since()
    {
        await _ground.RegisterAsync("alice", Filter(1));
        var late = _ground.Holders[0].Last!;
        await _ground.RegisterAsync("alice", Filter(2));
        Assert.Equal(VectorOutcome.Lacking, _ground.Holders[0].Repeat(late));
        Assert.Equal(["alice"], await _ground.NamesAsync(Term(2)));
    }

    [Fact]
    public async Task A_site_that_changes_while_a_query_is_under_way_is_named()
    {
        await _ground.RegisterAsync("alice", Filter(1));
        var answer = new TaskCompletionSource();
        _ground.Holders[2].Before = answer.Task;
        var query = _ground.FindAsync(RegistrarGround.For(Term(2)));
        await _ground.RegisterAsync("alice", Filter(2));
        answer.SetResult();
        Assert.Equal(["alice"], RegistrarGround.NamesOf(await query));
    }

    [Fact]
    public async Task Another_registrar_finds_holders_that_have_nothing_of_its_sites()
    {
        await _ground.RegisterAsync("alice", Filter(1));
        _ground.Restart();
        await _ground.RegisterAsync("bob", Filter(2));
        Assert.Equal(["bob"], await _ground.NamesAsync(Term(2)));
        Assert.Empty(await _ground.NamesAsync(Term(1)));
    }

    private static ulong Term(int number) => BloomHasher.Default.Hash((ulong)number).Low;

    private static PartitionedBloomFilter? Filter(params int[] terms) => SummaryFilter.Of([.. terms.Select(Term), .. Enumerable.Range(5000, 300).Select(Term)]);

    private async Task<RegistrationResult> ChangeAsync(string site, PartitionedBloomFilter? after, PartitionedBloomFilter? before)
    {
        var (visitor, own) = RegistrarGround.Owner(site);
        return await _ground.Registrar.RegisterAsync(visitor, own, new() { Site = own!.Value, Generation = 1, Public = new(after, before), Members = new(null, null) });
    }
}
