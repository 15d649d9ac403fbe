using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using Benchmarks.Dns;
using P2P.YouServ;
using P2P.YouServ.Dns;

namespace Benchmarks.Coordinator;

/// <summary>
/// Measures what 3,000 peers cost a coordinator on SQLite over real HTTP: all sign in and get their names from one that has just started; then they live with heartbeats, and one in fifty signs in anew. And how many
/// names a second move to another address, durably and visible in DNS.
/// </summary>
internal static class CoordinatorBenchmark
{
    private const int Peers = 3000;

    private static readonly TimeSpan HeartbeatInterval = TimeSpan.FromSeconds(15);

    public static async Task<int> RunAsync(bool quick)
    {
        var span = TimeSpan.FromSeconds(quick ? 30 : 120);
        using var folder = new BenchmarkFolder();
        using var coordinator = await CoordinatorProcess.StartAsync(folder.PathOf("."));
        await using var peers = new SimulatedPeers(coordinator.Url, Peers);
        Console.WriteLine($"{Peers} peers over HTTP, each with a connection of its own; a coordinator with SQLite and DNS in a process of its own, all on this machine.");
        await peers.MoveInAsync(perSecond: 100);
        double[] movingIn = [.. peers.SignIns, .. peers.Leases];

        // What runs for the first time is compiled meanwhile; that is over when this is.
        await peers.LiveAsync(TimeSpan.FromSeconds(15), HeartbeatInterval);
        peers.Forget();
        var (processor, begun) = (coordinator.ProcessorTime, Stopwatch.GetTimestamp());
        await peers.LiveAsync(span, HeartbeatInterval);
        var use = (coordinator.ProcessorTime - processor) / Stopwatch.GetElapsedTime(begun);
        var memory = coordinator.MemoryMegabytes;
        var moves = await MeasureMovesAsync(folder, TimeSpan.FromSeconds(quick ? 5 : 20));

        Console.WriteLine();
        Console.WriteLine($"{"",-12} {"count",8} {"p50 ms",8} {"p99 ms",8} {"max ms",8}");
        PrintRow("moving in", movingIn);
        PrintRow("sign-ins", peers.SignIns);
        PrintRow("leases", peers.Leases);
        PrintRow("heartbeats", peers.Heartbeats);
        double[] all = [.. peers.SignIns, .. peers.Leases, .. peers.Heartbeats];
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"failures {peers.Failures}; while they lived, the coordinator used {use:p1} of a processor and {memory:f0} MB; {moves:f0} names moved a second."));
        Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["peers"] = Peers,
            ["requests"] = all.Length,
            ["failures"] = peers.Failures,
            ["p50_ms"] = Round(Percentile(all, 0.5)),
            ["p99_ms"] = Round(Percentile(all, 0.99)),
            ["moving_in_p99_ms"] = Round(Percentile(movingIn, 0.99)),
            ["heartbeat_p99_ms"] = Round(Percentile([.. peers.Heartbeats], 0.99)),
            ["processor_fraction"] = Round(use),
            ["memory_mb"] = Math.Round(memory),
            ["moves_per_second"] = Math.Round(moves),
        }));
        return peers.Failures == 0 ? 0 : 1;
    }

    /// <summary>Moves names of many sites at a time through the coordinator's own face; connecting back is left out.</summary>
    private static async Task<double> MeasureMovesAsync(BenchmarkFolder folder, TimeSpan span)
    {
        const int Movers = 64;
        await using var store = await SqliteCoordinatorStore.OpenAsync(folder.PathOf("moves.db"));
        await using var dns = await DnsServer.StartAsync(new()
        {
            Zone = DnsName.Parse(CoordinatorProcess.Zone),
            NameServers = [DnsName.Parse($"ns.{CoordinatorProcess.Zone}")],
            Records = [DnsRecordSet.OfAddresses(DnsName.Parse($"ns.{CoordinatorProcess.Zone}"), IPAddress.Loopback)],
            Endpoints = [new(IPAddress.Loopback, 0)],
            Path = folder.PathOf("moves-dns.db"),
        });
        await using var coordinator = await YouServCoordinator.StartAsync(
            new() { Zone = CoordinatorProcess.Zone }, new() { Store = store, Dns = dns, Probe = new Reached() });
        var now = DateTimeOffset.UtcNow;
        var begun = Stopwatch.GetTimestamp();
        var moves = await Task.WhenAll(Enumerable.Range(0, Movers).Select(async mover =>
        {
            var peer = new SessionRecord { Id = $"{mover}", TokenHash = "00", Kind = SessionKind.Peer, User = UserId.Parse($"m{mover}"), CreatedAt = now, ExpiresAt = now.AddDays(1) };
            var count = 0;
            for (; Stopwatch.GetElapsedTime(begun) < span; count++)
            {
                await coordinator.GrantLeaseAsync(peer, [], 8080, false, new IPAddress([10, (byte)mover, (byte)(count >> 8), (byte)count]));
            }

            return count;
        }));
        return moves.Sum() / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private static void PrintRow(string name, IReadOnlyCollection<double> times)
    {
        double[] all = [.. times];
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name,-12} {all.Length,8} {Percentile(all, 0.5),8:f2} {Percentile(all, 0.99),8:f2} {all.Max(),8:f2}"));
    }

    private static double Percentile(double[] times, double part)
    {
        Array.Sort(times);
        return times[(int)(part * (times.Length - 1))];
    }

    private static double Round(double value) => Math.Round(value, 3);

    private sealed class Reached : IPeerProbe
    {
        public ValueTask<bool> IsReachableAsync(string host, IPAddress address, int port, bool isSecure, string tokenHash, CancellationToken cancellationToken) => new(true);
    }
}
