using System.Text.Json;

namespace Benchmarks.Past;

/// <summary>
/// Measures inserts and lookups over 16 nodes that talk TCP and TLS, with replicas in memory and on the disk, beside the work that can't be avoided. The client
/// and all nodes share this process.
/// </summary>
internal static class PastBenchmark
{
    private const int Together = 64;
    private const int Kilobyte = 1024;

    public static async Task<int> RunAsync(bool quick)
    {
        var directory = Directory.CreateDirectory(Path.Combine(Path.GetTempPath(), $"past-{Path.GetRandomFileName()}")).FullName;
        try
        {
            await RunAsync(directory, quick);
            return 0;
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static async Task RunAsync(string directory, bool quick)
    {
        await using var raw = await RawArchive.StartAsync(Together, directory);
        var small = new Plan("1 KB", Kilobyte, [1, 16, Together], quick ? 3 : 5, TimeSpan.FromSeconds(quick ? 0.5 : 3), WarmUp: TimeSpan.FromSeconds(3), Most: 1 << 15, Files: 1_000);
        var medium = small with { Name = "64 KB", Length = 64 * Kilobyte, WarmUp = small.Duration, Most = quick ? 256 : 1_024, Files = 100 };

        // Sixty-four at a time have 3 GiB of replicas under way.
        var large = medium with
        {
            Name = "16 MB",
            Length = 16 * Kilobyte * Kilobyte,
            AtATime = quick ? [1, 16] : [1, 16, Together],
            Rounds = quick ? 1 : 3,
            Most = Together,
            Files = 4,
            FilesMax = 4,
        };
        Console.WriteLine("16 nodes, each with its own listener, TLS, k = 3, all signed and verified; medians of interleaved rounds.");
        Console.WriteLine();
        Console.WriteLine("| content | operation | at a time | ours/s | raw/s | ratio | p50 ms | p99 ms | raw p50 ms | CPU µs | raw CPU µs | operations |");
        Console.WriteLine("|---:|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        var kilobyte = await new ArchiveMeter(raw, small).MeasureAsync(Path.Combine(directory, "small"));
        await new ArchiveMeter(raw, medium).MeasureAsync(Path.Combine(directory, "medium"));
        var megabytes = await new ArchiveMeter(raw, large).MeasureAsync(Path.Combine(directory, "large"));
        Console.WriteLine();
        Console.WriteLine("Elsewhere, 1 KB: OpenDHT 900 to 2,000 puts/s and 600 to 1,350 gets/s (memory, not encrypted); PAST in Java 232 inserts/s and 12,000 lookups/s (nothing signed).");
        Console.WriteLine();
        Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, double>
        {
            ["inserts_per_second_memory"] = Math.Round(Best(kilobyte, Operation.InsertIntoMemory)),
            ["inserts_per_second_durable"] = Math.Round(Best(kilobyte, Operation.InsertIntoFiles)),
            ["lookups_per_second_cold"] = Math.Round(Best(kilobyte, Operation.LookUpCold)),
            ["lookups_per_second"] = Math.Round(Best(kilobyte, Operation.LookUp)),
            ["large_ratio_to_raw"] = Math.Round(Enum.GetValues<Operation>().Min(operation => BestRatio(megabytes, operation)), 3),
            ["lookup_1kb_p50_ms"] = Math.Round(kilobyte[(Operation.LookUpCold, 1)].Ours.P50Milliseconds, 3),
        }));
    }

    private static double Best(Dictionary<(Operation Operation, int), (Figures Ours, Figures Raw)> figures, Operation operation) =>
        figures.Where(entry => entry.Key.Operation == operation).Max(entry => entry.Value.Ours.PerSecond);

    /// <summary>Compares the throughputs that both reach, each with as many at a time as suit it best.</summary>
    private static double BestRatio(Dictionary<(Operation Operation, int), (Figures Ours, Figures Raw)> figures, Operation operation) =>
        Best(figures, operation) / figures.Where(entry => entry.Key.Operation == operation).Max(entry => entry.Value.Raw.PerSecond);
}
