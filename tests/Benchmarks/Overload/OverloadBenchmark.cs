using System.Globalization;
using System.Text.Json;
using P2P.Pastry;

namespace Benchmarks.Overload;

/// <summary>
/// Raises the load that a ring is offered until no more arrives, then offers twice that; and lets a large file pass over a slow link that
/// heartbeats share.
/// </summary>
internal static class OverloadBenchmark
{
    private const int Nodes = 8;
    private const double First = 4_000;
    private const double Growth = 1.25;
    private const long FileBytes = 1L << 30;
    private const int QuickScale = 32;
    private const int Rounds = 5;

    public static async Task<int> RunAsync(bool quick)
    {
        var duration = TimeSpan.FromSeconds(quick ? 2 : 5);
        await using var ring = await LoadedRing.StartAsync(Nodes);
        Console.WriteLine($"{Nodes} nodes, each with its own listener and TLS, 64-byte messages to random keys; {duration.TotalSeconds} s a row.");
        Console.WriteLine();
        Console.WriteLine("| offered/s | goodput/s | p50 ms | p99 ms | twice | hop time-outs | suspicions | dropped | declared dead |");
        Console.WriteLine("|---:|---:|---:|---:|---:|---:|---:|---:|---:|");
        var saturation = (await SaturateAsync(ring, duration)).Offered;
        await ring.SettleAsync();
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{saturation:n0} a second, and twice that, in turn: medians of {Rounds}."));
        Console.WriteLine();
        var (atPeak, atTwice) = (new List<LoadFigures>(), new List<LoadFigures>());
        for (var round = 0; round < Rounds; round++)
        {
            atPeak.Add(await ring.OfferAsync(saturation, 2 * duration));
            Print(atPeak[^1]);
            atTwice.Add(await ring.OfferAsync(2 * saturation, 2 * duration));
            Print(atTwice[^1]);
            // What waits from one offer is not the next one's.
            await ring.SettleAsync();
        }

        var (peak, twice) = (Median(atPeak), Median(atTwice));
        var dead = atPeak.Concat(atTwice).Sum(figures => figures.Dead);
        Console.WriteLine();

        var bulk = await SendFileAsync(quick);
        Console.WriteLine();
        Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["goodput_peak"] = Math.Round(peak.Goodput),
            ["goodput_twice"] = Math.Round(twice.Goodput),
            ["goodput_ratio"] = Math.Round(twice.Goodput / peak.Goodput, 3),
            ["offered_peak"] = Math.Round(peak.Offered),
            ["offered_twice"] = Math.Round(twice.Offered),
            ["p99_peak_ms"] = Math.Round(peak.P99, 1),
            ["p99_twice_ms"] = Math.Round(twice.P99, 1),
            ["arrived_again_twice"] = twice.Twice,
            ["suspicions_twice"] = twice.Suspicions,
            ["declared_dead"] = dead + bulk.Dead,
            ["suspicions"] = bulk.Suspicions,
            ["rounds"] = Rounds,
            ["file_bytes"] = bulk.Received,
            ["file_mbit_per_second"] = Math.Round(bulk.MbitPerSecond, 2),
        }));
        return twice.Goodput >= 0.8 * peak.Goodput && dead + bulk.Dead + bulk.Suspicions == 0 ? 0 : 1;
    }

    /// <summary>Offers more and more, until twice in a row no more arrives than before.</summary>
    private static async Task<LoadFigures> SaturateAsync(LoadedRing ring, TimeSpan duration)
    {
        await ring.OfferAsync(First, duration);
        var best = await ring.OfferAsync(First, duration);
        Print(best);
        for (var (offered, misses) = (First * Growth, 0); misses < 2; offered *= Growth)
        {
            var figures = await ring.OfferAsync(offered, duration);
            Print(figures);
            (best, misses) = figures.Goodput > best.Goodput ? (figures, 0) : (best, misses + 1);
        }

        return best;
    }

    /// <summary>Gives the run whose goodput is the median.</summary>
    private static LoadFigures Median(List<LoadFigures> runs) => runs.OrderBy(run => run.Goodput).ElementAt(runs.Count / 2);

    private static async Task<BulkFigures> SendFileAsync(bool quick)
    {
        var protocol = new PastryOptions { BitsPerDigit = 4 };
        if (quick)
        {
            protocol = protocol with
            {
                HeartbeatInterval = protocol.HeartbeatInterval / QuickScale,
                LeaseDuration = protocol.LeaseDuration / QuickScale,
            };
        }

        var bulk = await BulkTransfer.RunAsync(quick ? FileBytes / QuickScale : FileBytes, protocol);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"A file of {bulk.Received >> 20} MiB{(quick ? $" (a {QuickScale}th of 1 GiB, with heartbeats as many times as often)" : "")} over 10 Mbit/s took {bulk.Elapsed.TotalSeconds:f1} s, {bulk.MbitPerSecond:f1} Mbit/s; {bulk.Suspicions} suspicions, {bulk.Dead} declared dead."));
        return bulk;
    }

    private static void Print(LoadFigures figures) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {figures.Offered:n0} | {figures.Goodput:n0} | {figures.P50:f1} | {figures.P99:f1} | {figures.Twice} | {figures.HopTimeouts} | {figures.Suspicions} | {figures.Dropped} | {figures.Dead} |"));
}
