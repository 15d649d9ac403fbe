using FsCheck;
using FsCheck.Fluent;
using P2P.Bloom;

namespace Bloom.Tests;

/// <summary>What was added is found: after whatever is done to a filter.</summary>
public sealed class NoFalseNegativesTests
{
    public static TheoryData<string> Kinds => [.. Filters.Kinds];

    public static TheoryData<string> BitKinds => [.. Filters.BitKinds];

    public static TheoryData<string, BloomHasher> KindsAndHashers =>
        Filters.Pairs<string, BloomHasher>(
            Filters.Kinds, [BloomHasher.Default, BloomHasher.Seeded(9), BloomHasher.Keyed(Filters.Key), BloomHasher.Md5]);

    [Theory]
    [MemberData(nameof(KindsAndHashers))]
    public void After_adding(string kind, BloomHasher hasher) =>
        Prop.ForAll<int[]>(elements => HoldsAll(Filters.With(kind, elements, hasher), elements)).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void After_adding_without_sharing(string kind) => Prop.ForAll<int[]>(elements =>
    {
        var filter = Filters.Make(kind);
        foreach (var element in elements)
        {
            filter.AddUnshared(filter.Hasher.Hash(element));
        }

        return HoldsAll(filter, elements) && filter.ToBytes().SequenceEqual(Filters.With(kind, elements).ToBytes());
    }).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(KindsAndHashers))]
    public void After_serialisation(string kind, BloomHasher hasher) => Prop.ForAll<int[]>(elements =>
    {
        var bytes = Filters.With(kind, elements, hasher).ToBytes();
        var read = BloomFormat.Read<MembershipFilter>(bytes, hasher);
        return HoldsAll(read, elements) && read.ToBytes().SequenceEqual(bytes);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(BitKinds))]
    public void After_union(string kind) => Filters.WithType(kind, new UnionTest());

    [Theory]
    [MemberData(nameof(BitKinds))]
    public void After_intersection(string kind) => Filters.WithType(kind, new IntersectionTest());

    [Theory]
    [MemberData(nameof(BitKinds))]
    public void After_folding(string kind) => Filters.WithType(kind, new FoldTest());

    [Theory]
    [MemberData(nameof(BitKinds))]
    public void After_a_delta(string kind) => Filters.WithType(kind, new DeltaTest());

    [Fact]
    public void After_removing_others() => Prop.ForAll<int[], int[]>((kept, removed) =>
    {
        var filter = (CountingBloomFilter)Filters.With("counting", [.. kept, .. removed]);
        foreach (var element in removed)
        {
            filter.Remove(element);
        }

        return HoldsAll(filter, kept) && HoldsAll(filter.ToBloomFilter(), kept) && HoldsAll(filter.Fold(1024), kept);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(Kinds))]
    public void After_concurrent_adding(string kind)
    {
        const int Threads = 4, Each = 2000;
        var filter = Filters.Make(kind);
        var missed = 0;
        Parallel.For(0, Threads, new ParallelOptions { MaxDegreeOfParallelism = Threads }, thread =>
        {
            for (var element = thread * Each; element < (thread + 1) * Each; element++)
            {
                filter.Add(element);
                Interlocked.Add(ref missed, filter.MayContain(element) ? 0 : 1);
            }
        });
        Assert.Equal(0, missed);
        Assert.True(HoldsAll(filter, Enumerable.Range(0, Threads * Each)));
    }

    [Theory]
    [InlineData("classic")]
    [InlineData("partitioned")]
    [InlineData("blocked")]
    [InlineData("counting")]
    public void Concurrent_adding_leaves_the_bits_that_one_thread_leaves(string kind)
    {
        int[] elements = [.. Enumerable.Range(0, 500)];
        var filter = Filters.Make(kind);
        Parallel.ForEach(elements, new ParallelOptions { MaxDegreeOfParallelism = 4 }, element => filter.Add(element));
        Assert.Equal(Filters.With(kind, elements).ToBytes(), filter.ToBytes());
    }

    private static bool HoldsAll(MembershipFilter filter, IEnumerable<int> elements) => elements.All(element => filter.MayContain(element));

    private sealed class UnionTest : Filters.IBitFilterTest
    {
        public void Run<TFilter>(Func<IEnumerable<int>, TFilter> make)
            where TFilter : BitFilter<TFilter> => Prop.ForAll<int[], int[]>((left, right) =>
        {
            var filter = make(left);
            filter.UnionWith(make(right));
            return HoldsAll(filter, [.. left, .. right])
                && filter.ComputeFingerprint() == make([.. left, .. right]).ComputeFingerprint()
                && make(left).MayBeSubsetOf(filter);
        }).QuickCheckThrowOnFailure();
    }

    private sealed class IntersectionTest : Filters.IBitFilterTest
    {
        public void Run<TFilter>(Func<IEnumerable<int>, TFilter> make)
            where TFilter : BitFilter<TFilter> => Prop.ForAll<int[], int[]>((left, right) =>
        {
            var filter = make(left);
            filter.IntersectWith(make(right));
            return HoldsAll(filter, left.Intersect(right)) && filter.MayBeSubsetOf(make(right));
        }).QuickCheckThrowOnFailure();
    }

    private sealed class FoldTest : Filters.IBitFilterTest
    {
        public void Run<TFilter>(Func<IEnumerable<int>, TFilter> make)
            where TFilter : BitFilter<TFilter> => Prop.ForAll<int[], int[]>((left, right) =>
        {
            var whole = make(left);
            foreach (var factor in (long[])[1, 2, 4])
            {
                var folded = whole.Fold(whole.Bits / factor);
                var united = folded.Snapshot();
                united.UnionWith(make(right));
                if (!HoldsAll(folded, left) || !HoldsAll(united, [.. left, .. right]) || !whole.MayBeSubsetOf(united))
                {
                    return false;
                }
            }

            return true;
        }).QuickCheckThrowOnFailure();
    }

    private sealed class DeltaTest : Filters.IBitFilterTest
    {
        public void Run<TFilter>(Func<IEnumerable<int>, TFilter> make)
            where TFilter : BitFilter<TFilter> => Prop.ForAll<int[], int[]>((left, right) =>
        {
            var (older, newer) = (make(left), make(right));
            var delta = BloomFormat.ReadDelta(newer.DeltaSince(older).ToBytes());
            var applied = older.TryApply(delta);
            return applied && HoldsAll(older, right) && older.ComputeFingerprint() == newer.ComputeFingerprint() && older.TryApply(delta);
        }).QuickCheckThrowOnFailure();
    }
}
