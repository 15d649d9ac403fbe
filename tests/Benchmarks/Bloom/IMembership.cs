using P2P.Bloom;

namespace Benchmarks.Bloom;

/// <summary>Is a filter by its concrete type, so that loops over it compile to what an application's own loop would.</summary>
internal interface IMembership
{
    bool Add(BloomHash hash);

    bool AddUnshared(BloomHash hash);

    bool MayContain(BloomHash hash);

    bool MayContain(ReadOnlySpan<byte> element);

    void Clear();
}

internal readonly struct Classic(BloomFilter filter) : IMembership
{
    public bool Add(BloomHash hash) => filter.Add(hash);

    public bool AddUnshared(BloomHash hash) => filter.AddUnshared(hash);

    public bool MayContain(BloomHash hash) => filter.MayContain(hash);

    public bool MayContain(ReadOnlySpan<byte> element) => filter.MayContain(element);

    public void Clear() => filter.Clear();
}

internal readonly struct Partitioned(PartitionedBloomFilter filter) : IMembership
{
    public bool Add(BloomHash hash) => filter.Add(hash);

    public bool AddUnshared(BloomHash hash) => filter.AddUnshared(hash);

    public bool MayContain(BloomHash hash) => filter.MayContain(hash);

    public bool MayContain(ReadOnlySpan<byte> element) => filter.MayContain(element);

    public void Clear() => filter.Clear();
}

internal readonly struct SplitBlock(BlockedBloomFilter filter) : IMembership
{
    public bool Add(BloomHash hash) => filter.Add(hash);

    public bool AddUnshared(BloomHash hash) => filter.AddUnshared(hash);

    public bool MayContain(BloomHash hash) => filter.MayContain(hash);

    public bool MayContain(ReadOnlySpan<byte> element) => filter.MayContain(element);

    public void Clear() => filter.Clear();
}

internal readonly struct Counting(CountingBloomFilter filter) : IMembership
{
    public bool Add(BloomHash hash) => filter.Add(hash);

    public bool AddUnshared(BloomHash hash) => filter.AddUnshared(hash);

    public bool MayContain(BloomHash hash) => filter.MayContain(hash);

    public bool MayContain(ReadOnlySpan<byte> element) => filter.MayContain(element);

    public void Clear() => filter.Clear();
}

internal readonly struct Scalable(ScalableBloomFilter filter) : IMembership
{
    public bool Add(BloomHash hash) => filter.Add(hash);

    public bool AddUnshared(BloomHash hash) => filter.AddUnshared(hash);

    public bool MayContain(BloomHash hash) => filter.MayContain(hash);

    public bool MayContain(ReadOnlySpan<byte> element) => filter.MayContain(element);

    public void Clear() => filter.Clear();
}
