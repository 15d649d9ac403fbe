using System.Globalization;
using System.Text.Json;

namespace Benchmarks.Route;

/// <summary>
/// Measures how many messages a second 16 nodes route over TCP and TLS, beside a raw mesh that passes frames over as many hops; and the round trip
/// between two nodes, beside one over raw TLS.
/// </summary>
internal static class RouteBenchmark
{
    private const int Nodes = 16;
    private const int RoundTripRuns = 9;

    public static async Task<int> RunAsync(bool quick)
    {
        var rounds = quick ? 5 : 15;
        var duration = TimeSpan.FromSeconds(quick ? 1.5 : 5);
        await using var overlay = await OverlayMesh.StartAsync(Nodes);
        var warmUp = await overlay.RunAsync(window: 16, duration);
        await using var raw = await RawMesh.StartAsync(Nodes, warmUp.MeanHops);
        await raw.RunAsync(window: 16, duration);

        Console.WriteLine($"{Nodes} nodes, each with its own listener, TLS, 64-byte messages, l = 2, b = 1; medians of {rounds} interleaved rounds.");
        Console.WriteLine();
        Console.WriteLine("| window | mesh | messages/s | hops | p50 µs | p99 µs | B/forward | CPU µs/message |");
        Console.WriteLine("|---:|---|---:|---:|---:|---:|---:|---:|");
        var (oneOurs, _) = await CompareAsync(overlay, raw, window: 1, rounds, duration);
        var (someOurs, someRaw) = await CompareAsync(overlay, raw, window: 16, rounds, duration);
        var (manyOurs, manyRaw) = await CompareAsync(overlay, raw, window: 128, rounds, duration);
        var (tripOurs, tripRaw) = await MeasureRoundTripAsync(quick ? TimeSpan.FromSeconds(1) : TimeSpan.FromSeconds(3));
        Console.WriteLine();
        Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["messages_per_second"] = Math.Round(manyOurs.MessagesPerSecond),
            ["mean_hops"] = Math.Round(manyOurs.MeanHops, 3),
            ["rtt_ratio"] = Math.Round(tripOurs.P50Microseconds / tripRaw.P50Microseconds, 3),
            ["rtt_p50_us"] = Math.Round(tripOurs.P50Microseconds, 1),
            ["raw_rtt_p50_us"] = Math.Round(tripRaw.P50Microseconds, 1),
            ["bytes_per_forward"] = Math.Round(manyOurs.BytesPerForward, 2),
            ["raw_messages_per_second"] = Math.Round(manyRaw.MessagesPerSecond),
            ["ratio_to_raw"] = Math.Round(manyOurs.MessagesPerSecond / manyRaw.MessagesPerSecond, 3),
            ["messages_per_second_window_1"] = Math.Round(oneOurs.MessagesPerSecond),
            ["messages_per_second_window_16"] = Math.Round(someOurs.MessagesPerSecond),
            ["ratio_to_raw_window_16"] = Math.Round(someOurs.MessagesPerSecond / someRaw.MessagesPerSecond, 3),
            ["p50_us_window_16"] = Math.Round(someOurs.P50Microseconds, 1),
            ["p99_us_window_16"] = Math.Round(someOurs.P99Microseconds, 1),
            ["p50_us"] = Math.Round(oneOurs.P50Microseconds, 1),
            ["p99_us"] = Math.Round(oneOurs.P99Microseconds, 1),
            ["cpu_us_per_message"] = Math.Round(manyOurs.CpuMicrosecondsPerMessage, 2),
            ["rounds"] = rounds,
            ["rtt_runs"] = RoundTripRuns,
        }));
        return 0;
    }

    /// <summary>Lets one of two nodes keep one message under way: over one hop, and the answer back.</summary>
    private static async Task<(Measurement Ours, Measurement Raw)> MeasureRoundTripAsync(TimeSpan duration)
    {
        await using var overlay = await OverlayMesh.StartAsync(count: 2, senders: 1);
        await using var raw = await RawMesh.StartAsync(count: 2, meanHops: 1, senders: 1);
        await overlay.RunAsync(window: 1, duration);
        await raw.RunAsync(window: 1, duration);
        Console.WriteLine();
        Console.WriteLine($"Round trips between two nodes; medians of {RoundTripRuns} interleaved runs.");
        Console.WriteLine();
        return await CompareAsync(overlay, raw, window: 1, RoundTripRuns, duration);
    }

    private static async Task<(Measurement Ours, Measurement Raw)> CompareAsync(OverlayMesh overlay, RawMesh raw, int window, int rounds, TimeSpan duration)
    {
        var ours = new List<Measurement>();
        var theirs = new List<Measurement>();
        for (var round = 0; round < rounds; round++)
        {
            ours.Add(await overlay.RunAsync(window, duration));
            theirs.Add(await raw.RunAsync(window, duration));
        }

        var result = (Median(ours), Median(theirs));
        Print(window, "Pastry", result.Item1);
        Print(window, "raw TLS", result.Item2);
        return result;
    }

    private static Measurement Median(List<Measurement> runs)
    {
        return new Measurement(
            Of(run => run.MessagesPerSecond),
            Of(run => run.MeanHops),
            Of(run => run.P50Microseconds),
            Of(run => run.P99Microseconds),
            Of(run => run.BytesPerForward),
            Of(run => run.CpuMicrosecondsPerMessage));

        double Of(Func<Measurement, double> figure)
        {
            var sorted = runs.Select(figure).Order().ToArray();
            return sorted[sorted.Length / 2];
        }
    }

    private static void Print(int window, string mesh, Measurement run) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {window} | {mesh} | {run.MessagesPerSecond:n0} | {run.MeanHops:f2} | {run.P50Microseconds:f0} | {run.P99Microseconds:f0} | {run.BytesPerForward:f2} | {run.CpuMicrosecondsPerMessage:f2} |"));
}
