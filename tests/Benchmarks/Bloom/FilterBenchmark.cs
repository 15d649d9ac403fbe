using System.Text;
using P2P.Bloom;

namespace Benchmarks.Bloom;

/// <summary>Measures each kind of filter with a number of keys, words of twelve bytes, beside the naive filter and a HashSet.</summary>
internal sealed class FilterBenchmark
{
    private const double Rate = 0.01;
    private const int WordLength = 12;

    private readonly List<Case> _cases = [];
    private readonly int _keys;
    private readonly int _repeats;
    private readonly string[] _present;
    private readonly string[] _absent;

    public FilterBenchmark(int keys)
    {
        _keys = keys;
        _repeats = Math.Max(1, 100_000 / keys);
        _present = Words(0);
        _absent = Words(keys);
        Add("classic", new Classic(BloomFilter.ForCapacity(keys, Rate)));
        Add("partitioned", new Partitioned(PartitionedBloomFilter.ForCapacity(keys, Rate)));
        Add("split block", new SplitBlock(BlockedBloomFilter.ForCapacity(keys, Rate)));
        Add("counting", new Counting(CountingBloomFilter.ForCapacity(keys, Rate)));
        Add("scalable", new Scalable(new ScalableBloomFilter(keys, Rate)));
        AddBaselines();
    }

    public double Nanoseconds(string name) => _cases.First(each => each.Name == name).Nanoseconds;

    public double BytesPerLookup => _cases
        .Where(each => each.IsLookup && !each.Name.StartsWith("naive", StringComparison.Ordinal) && !each.Name.StartsWith("HashSet", StringComparison.Ordinal))
        .Max(each => each.BytesAllocated);

    public void Run(int rounds) => Case.RunInterleaved(_cases, rounds);

    public void Print()
    {
        Console.WriteLine($"{_keys} keys                        ns    bytes allocated");
        foreach (var each in _cases)
        {
            Console.WriteLine($"    {each.Name,-28} {each.Nanoseconds,7:f1}  {each.BytesAllocated,7:f1}");
        }
    }

    private void Add<TFilter>(string name, TFilter filter)
        where TFilter : struct, IMembership
    {
        var (present, absent) = (Hashes(_present), Hashes(_absent));
        var (presentBytes, absentBytes) = (Flat(_present), Flat(_absent));
        foreach (var hash in present)
        {
            filter.Add(hash);
        }

        _cases.Add(new($"{name} hit", _keys * _repeats, () => { }, () => Ask(filter, present, _repeats)));
        _cases.Add(new($"{name} miss", _keys * _repeats, () => { }, () => Ask(filter, absent, _repeats)));
        _cases.Add(new($"{name} hashed hit", _keys * _repeats, () => { }, () => AskHashed(filter, presentBytes, _repeats)));
        _cases.Add(new($"{name} hashed miss", _keys * _repeats, () => { }, () => AskHashed(filter, absentBytes, _repeats)));
        _cases.Add(new($"{name} add unshared", _keys, filter.Clear, () => AddUnshared(filter, present)));
        _cases.Add(new($"{name} add", _keys, filter.Clear, () => AddAll(filter, present)));
    }

    private void AddBaselines()
    {
        var parameters = BloomParameters.ForCapacity(_keys, Rate);
        var (naive, set) = (new NaiveFilter((int)parameters.Bits, parameters.HashCount), new HashSet<string>(_keys));
        Array.ForEach(_present, naive.Add);
        set.UnionWith(_present);
        _cases.Add(new("naive hit", _keys, () => { }, () => _present.LongCount(naive.MayContain)));
        _cases.Add(new("naive miss", _keys, () => { }, () => _absent.LongCount(naive.MayContain)));
        _cases.Add(new("naive add", _keys, naive.Clear, () =>
        {
            Array.ForEach(_present, naive.Add);
            return 0;
        }));
        _cases.Add(new("HashSet hit", _keys, () => { }, () => _present.LongCount(set.Contains)));
        _cases.Add(new("HashSet miss", _keys, () => { }, () => _absent.LongCount(set.Contains)));
        _cases.Add(new("HashSet add", _keys, set.Clear, () => _present.LongCount(set.Add)));
    }

    private static long Ask<TFilter>(TFilter filter, BloomHash[] hashes, int repeats)
        where TFilter : struct, IMembership
    {
        var found = 0L;
        for (; repeats > 0; repeats--)
        {
            foreach (var hash in hashes)
            {
                found += filter.MayContain(hash) ? 1 : 0;
            }
        }

        return found;
    }

    private static long AskHashed<TFilter>(TFilter filter, byte[] words, int repeats)
        where TFilter : struct, IMembership
    {
        var found = 0L;
        for (; repeats > 0; repeats--)
        {
            for (var start = 0; start < words.Length; start += WordLength)
            {
                found += filter.MayContain(words.AsSpan(start, WordLength)) ? 1 : 0;
            }
        }

        return found;
    }

    private static long AddAll<TFilter>(TFilter filter, BloomHash[] hashes)
        where TFilter : struct, IMembership
    {
        var changed = 0L;
        foreach (var hash in hashes)
        {
            changed += filter.Add(hash) ? 1 : 0;
        }

        return changed;
    }

    private static long AddUnshared<TFilter>(TFilter filter, BloomHash[] hashes)
        where TFilter : struct, IMembership
    {
        var changed = 0L;
        foreach (var hash in hashes)
        {
            changed += filter.AddUnshared(hash) ? 1 : 0;
        }

        return changed;
    }

    private string[] Words(int first) => [.. Enumerable.Range(first, _keys).Select(number => $"word{number:d8}")];

    private static BloomHash[] Hashes(string[] words) => [.. words.Select(word => BloomHasher.Default.Hash(word))];

    private static byte[] Flat(string[] words) => Encoding.UTF8.GetBytes(string.Concat(words));
}
