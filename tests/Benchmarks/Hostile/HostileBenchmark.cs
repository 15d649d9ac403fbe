using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Benchmarks.Hostile;

/// <summary>
/// Lets ten thousand that mean no good press in on one host of a ring: some say nothing, some do TLS a byte at a time, some fall silent after
/// it, some prove a node and flood with messages, malformed ones, and frames that are too long; who is turned away comes again.
/// </summary>
internal static class HostileBenchmark
{
    private const int Connections = 10_000;
    private const int Members = 4;
    private const int MessagesPerSecond = 100;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public static async Task<int> RunAsync(bool quick)
    {
        var duration = TimeSpan.FromSeconds(quick ? 20 : 120);
        using var gauges = new Gauges();
        await using var ring = await WatchedRing.StartAsync(Members, options => options.MeterFactory = gauges);
        await ring.SendAsync(MessagesPerSecond, Task.Delay(TimeSpan.FromSeconds(5)), gauges.Sample);
        await ring.SettleAsync(Patience);
        var (rss, sockets, quiet) = (Gauges.RssMiB, Gauges.Sockets, ring.TakeLatency(0.99));
        var connections = gauges.Sum("connections");
        Console.WriteLine(Invariant($"quiet: {connections} connections, RSS {rss:f0} MiB, {sockets} sockets, p99 {quiet:f1} ms"));

        using var crowd = CrowdProcess.Start(ring.First, Connections);
        var start = Stopwatch.GetTimestamp();
        await ring.SendAsync(MessagesPerSecond, Task.WhenAll(Task.Delay(duration), crowd.WhenAllCameAsync()), gauges.Sample);
        var pressedFor = Stopwatch.GetElapsedTime(start).TotalSeconds;
        var figures = await crowd.StopAsync();
        await ring.SettleAsync(Patience);
        var pressed = ring.TakeLatency(0.99);
        var fraction = 1 - (double)ring.Missing / ring.Sent;
        Console.WriteLine(Invariant(
            $"pressed for {pressedFor:f0} s: {figures.Attempts} attempts, {figures.PeakOpen} open at a time; at the host at most {gauges.Peak("handshakes")} handshakes and {gauges.Peak("connections")} connections, {gauges.Sum("handshakes_refused")} turned away; RSS {gauges.PeakRssMiB:f0} MiB, p99 {pressed:f1} ms"));

        await WaitAsync(() => gauges.Sum("handshakes") == 0 && gauges.Sum("connections") <= connections);
        await WaitAsync(() => Gauges.Sockets <= sockets);

        Console.WriteLine(Invariant($"after: {gauges.Sum("connections")} connections, RSS {Gauges.RssMiB:f0} MiB, {Gauges.Sockets} sockets"));
        Console.WriteLine();
        Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["connections"] = Connections,
            ["attempts"] = figures.Attempts,
            ["delivered_fraction"] = Math.Round(fraction, 5),
            ["messages"] = ring.Sent,
            ["declared_dead"] = ring.DeclaredDead,
            ["p99_quiet_ms"] = Math.Round(quiet, 2),
            ["p99_ms"] = Math.Round(pressed, 2),
            ["rss_quiet_mb"] = Math.Round(rss),
            ["peak_rss_mb"] = Math.Round(gauges.PeakRssMiB),
            ["rss_after_mb"] = Math.Round(Gauges.RssMiB),
            ["peak_handshakes"] = gauges.Peak("handshakes"),
            ["peak_open"] = gauges.Peak("connections"),
            ["open_after"] = gauges.Sum("connections") - connections + gauges.Sum("handshakes"),
            ["sockets_after"] = Gauges.Sockets - sockets,
            ["duration_s"] = Math.Round(pressedFor),
        }));
        return ring.Missing == 0 ? 0 : 1;
    }

    /// <summary>Waits for what should come soon; if it does not, the figures say so.</summary>
    private static async Task WaitAsync(Func<bool> condition)
    {
        for (var start = Stopwatch.GetTimestamp(); !condition() && Stopwatch.GetElapsedTime(start) < Patience;)
        {
            await Task.Delay(50);
        }
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
