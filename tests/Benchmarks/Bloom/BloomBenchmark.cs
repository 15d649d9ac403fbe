using System.Globalization;

namespace Benchmarks.Bloom;

/// <summary>
/// Measures all kinds of filters, in one run beside a naive one and a HashSet, and the matrix. Figures are medians of loops that take turns.
/// </summary>
internal static class BloomBenchmark
{
    public static int Run(bool quick)
    {
        var rounds = quick ? 21 : 101;
        var small = new FilterBenchmark(keys: 10_000);
        small.Run(rounds);
        small.Print();
        var large = new FilterBenchmark(keys: 1_000_000);
        large.Run(rounds / 3);
        large.Print();
        var equal = new MatrixBenchmark(10_000, _ => 1 << 16, _ => 5000, rounds);
        Print("10,000 owners of 3 × 64 Kbit, 5,000 words each", equal);
        var (equalQuery, equalMebibytes, equalDelta, equalBytes) = (equal.QueryMicroseconds, equal.Mebibytes, equal.DeltaMicroseconds, equal.QueryBytes);
        var mixed = new MatrixBenchmark(100_000, MixedSize, bits => bits / 24, rounds);
        Print("100,000 owners of 3 × 4 to 64 Kbit", mixed);

        PrintJson(
            ("split_block_ns", Worse(small, "split block hit", "split block miss")),
            ("split_block_hashed_ns", Worse(small, "split block hashed hit", "split block hashed miss")),
            ("split_block_add_ns", small.Nanoseconds("split block add")),
            ("split_block_add_unshared_ns", small.Nanoseconds("split block add unshared")),
            ("partitioned_miss_ns", small.Nanoseconds("partitioned miss")),
            ("classic_miss_ns", small.Nanoseconds("classic miss")),
            ("bytes_per_lookup", Math.Max(small.BytesPerLookup, equalBytes)),
            ("matrix_query_us", equalQuery),
            ("matrix_mib", equalMebibytes),
            ("matrix_delta_us", equalDelta),
            ("matrix_mixed_query_us", mixed.QueryMicroseconds),
            ("matrix_mixed_mib", mixed.Mebibytes),
            ("matrix_mixed_delta_us", mixed.DeltaMicroseconds),
            ("baseline_ns", Worse(small, "naive hit", "naive miss")),
            ("hash_set_ns", Worse(small, "HashSet hit", "HashSet miss")),
            ("split_block_1m_ns", Worse(large, "split block hit", "split block miss")),
            ("baseline_1m_ns", Worse(large, "naive hit", "naive miss")),
            ("hash_set_1m_ns", Worse(large, "HashSet hit", "HashSet miss")),
            ("rounds", rounds));
        return 0;
    }

    private static int MixedSize(Random random) => random.Next(100) switch
    {
        < 50 => 1 << 12,
        < 80 => 1 << 13,
        < 95 => 1 << 14,
        _ => 1 << 16,
    };

    /// <summary>Gives the slower of hit and miss: a goal is met by both.</summary>
    private static double Worse(FilterBenchmark benchmark, string hit, string miss) =>
        Math.Max(benchmark.Nanoseconds(hit), benchmark.Nanoseconds(miss));

    private static void Print(string title, MatrixBenchmark matrix)
    {
        Console.WriteLine(title);
        Console.WriteLine($"    a query of two words {matrix.QueryMicroseconds:f2} µs, finding {matrix.OwnersFound:f1} owners, {matrix.QueryBytes:f1} bytes allocated");
        Console.WriteLine($"    a delta of 100 words, read and applied {matrix.DeltaMicroseconds:f2} µs");
        Console.WriteLine($"    memory {matrix.Mebibytes:f1} MiB");
    }

    private static void PrintJson(params ReadOnlySpan<(string Key, double Value)> figures)
    {
        List<string> members = [];
        foreach (var (key, value) in figures)
        {
            members.Add(string.Create(CultureInfo.InvariantCulture, $"\"{key}\":{Math.Round(value, 2)}"));
        }

        Console.WriteLine($"{{{string.Join(',', members)}}}");
    }
}
