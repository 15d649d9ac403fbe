using P2P.Bloom;
using P2P.YouSearch;
using P2P.YouSearch.Protocol;

namespace YouSearch.Tests.Registrar;

public sealed class ForgedSummaryTests
{
    private readonly RegistrarGround _ground = new();

    [Fact]
    public async Task A_summary_that_has_everything_is_refused()
    {
        var refusal = await Assert.ThrowsAsync<YouSearchException>(() => _ground.RegisterAsync("mallory", Filled(1 << 12, 1.0)));
        Assert.Contains("60", refusal.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<YouSearchException>(() => _ground.RegisterAsync("mallory", null, Filled(1 << 12, 0.65)));
        Assert.Empty(await _ground.NamesAsync(1));

        await _ground.RegisterAsync("mallory", Filled(1 << 12, 0.55));
    }

    [Fact]
    public async Task Changes_cannot_fill_a_summary_bit_by_bit()
    {
        var filter = Filled(1 << 12, 0.5);
        await _ground.RegisterAsync("mallory", filter);
        var (visitor, own) = RegistrarGround.Owner("mallory");
        var isWholeWanted = false;
        for (var step = 1; step <= 20 && !isWholeWanted; step++)
        {
            _ground.Clock.Advance(TimeSpan.FromSeconds(1));
            var fuller = Filled(1 << 12, 0.5 + step * 0.02);
            isWholeWanted = !(await _ground.Registrar.RegisterAsync(visitor, own, new() { Site = own!.Value, Generation = 1, Public = new(fuller, filter), Members = new(null, null) })).IsKnown;
            Assert.True(fuller.FillRatio < SummaryFilter.FillMax || isWholeWanted);
            filter = fuller;
        }

        Assert.True(isWholeWanted);
    }

    [Fact]
    public async Task A_summary_of_another_shape_is_refused()
    {
        PartitionedBloomFilter[] others =
        [
            new(1 << 12, hashCount: 4),
            new(1 << 12, hashCount: 1),
            new(3000, SummaryFilter.Vectors),
            new(SummaryFilter.BitsMin / 2, SummaryFilter.Vectors),
            new(SummaryFilter.BitsMax * 2, SummaryFilter.Vectors),
            new(1 << 12, SummaryFilter.Vectors, BloomHasher.Seeded(7)),
        ];
        foreach (var other in others)
        {
            await Assert.ThrowsAsync<YouSearchException>(() => _ground.RegisterAsync("mallory", other));
        }
    }

    [Fact]
    public async Task A_change_of_another_summary_changes_nothing()
    {
        var filter = RegistrarGround.Filter(1, 2);
        await _ground.RegisterAsync("alice", filter);
        var (visitor, own) = RegistrarGround.Owner("alice");
        var result = await _ground.Registrar.RegisterAsync(visitor, own, new()
        {
            Site = own!.Value,
            Generation = 2,
            Public = new(Many(5), Many(3)),
            Members = new(null, null),
        });

        Assert.False(result.IsKnown);
        Assert.Equal(["alice"], await _ground.NamesAsync(1, 2));
        Assert.Empty(await _ground.NamesAsync(5));

        // Enough that changes are shorter than the whole.
        static PartitionedBloomFilter? Many(ulong last) => RegistrarGround.Filter([.. Enumerable.Range(1000, 200).Select(number => BloomHasher.Default.Hash((ulong)number).Low), last]);
    }

    [Fact]
    public async Task A_change_that_lies_about_where_it_begins_changes_nothing()
    {
        var filter = RegistrarGround.Filter(1)!;
        await _ground.RegisterAsync("alice", filter);
        var (visitor, own) = RegistrarGround.Owner("alice");
        var other = RegistrarGround.Filter(9)!;
        var lie = new SummaryNews.Changes(filter.ComputeFingerprint(), 7, [other.DeltaSince(RegistrarGround.Filter(8)!)]);
        var answer = await _ground.Registrar.RegisterAsync(
            P2P.YouSearch.Hosting.Askers.Of(visitor, own), new() { Site = own!.Value, Generation = 1, Public = lie, Members = SummaryNews.Nothing.Instance }, CancellationToken.None);

        Assert.False(answer.Value!.IsKnown);
        Assert.Equal(["alice"], await _ground.NamesAsync(1));
        Assert.Empty(await _ground.NamesAsync(9));
    }

    [Fact]
    public async Task A_site_whose_summary_is_gone_is_named_for_nothing()
    {
        await _ground.RegisterAsync("alice", RegistrarGround.Filter(1), RegistrarGround.Filter(2));
        await _ground.RegisterAsync("alice", null, RegistrarGround.Filter(2));
        Assert.Empty(await _ground.NamesAsync(1));
        Assert.Equal(["alice"], await _ground.NamesAsync(2));
    }

    /// <summary>Makes filters of which each is part of the fuller ones.</summary>
    private static PartitionedBloomFilter Filled(long bits, double ratio)
    {
        var filter = new PartitionedBloomFilter(bits, SummaryFilter.Vectors);
        for (var term = 1UL; filter.FillRatio < ratio; term++)
        {
            filter.Add(BloomHasher.Default.Hash(term));
        }

        return filter;
    }
}
