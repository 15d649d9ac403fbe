using System.Globalization;
using System.Text.Json;
using Benchmarks.Coordinator;
using Benchmarks.Site;

namespace Benchmarks.Tunnels;

/// <summary>
/// Asks a peer that stands behind a proxy for files of 1 KB and for a large one, in turn through the proxy, directly and through <c>ssh -R</c>; by plain HTTP, and by TLS that ends at the peer. Coordinator, proxy and
/// peer have processes of their own. And cuts a thousand tunnels.
/// </summary>
internal static class TunnelBenchmark
{
    private const int Files = 100;
    private const int FileBytes = 1024;
    private const int LargeBytes = 64 << 20;
    private const string Large = "large.bin";
    private const int Cuts = 1000;

    public static async Task<int> RunAsync(bool quick)
    {
        var folder = Directory.CreateTempSubdirectory("tunnel-benchmark-").FullName;
        try
        {
            var root = Path.Combine(folder, "site");
            Directory.CreateDirectory(root);
            foreach (var file in Enumerable.Range(0, Files).Select(NameOf))
            {
                await File.WriteAllBytesAsync(Path.Combine(root, file), new byte[FileBytes]);
                File.SetLastWriteTimeUtc(Path.Combine(root, file), DateTime.UtcNow.AddDays(-1));
            }

            await File.WriteAllBytesAsync(Path.Combine(root, Large), new byte[LargeBytes]);
            Directory.CreateDirectory(Path.Combine(folder, "proxy-site"));

            // What has just been written is not kept in memory, since it may be written again within one tick of the disk's clock.
            await Task.Delay(TimeSpan.FromSeconds(2));
            await MeasureAsync(folder, root, quick ? 5 : 11, TimeSpan.FromSeconds(quick ? 2 : 6));
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(string folder, string root, int rounds, TimeSpan round)
    {
        await using var plain = await Ground.StartAsync(folder, root, isSecure: false);
        await using var secure = await Ground.StartAsync(folder, root, isSecure: true);
        if (Load.TryFind(folder, plain.Peer.Host, Enumerable.Range(0, Files).Select(NameOf)) is not { } load)
        {
            Console.WriteLine("wrk is not installed: nothing to ask with.");
            return;
        }

        Directory.CreateDirectory(Path.Combine(folder, "ssh"));
        using var ssh = await SshTunnel.TryStartAsync(Path.Combine(folder, "ssh"), plain.Peer.Port);
        MeasuredWay through = plain.Through("through a proxy"), direct = plain.Direct("directly"), throughSecure = secure.Through("through a proxy, TLS"), directSecure = secure.Direct("directly, TLS");
        List<MeasuredWay> ways = [through, direct, throughSecure, directSecure];
        var throughSsh = ssh is null ? null : new MeasuredWay("through ssh -R", new($"http://127.0.0.1:{ssh.Port}/"), plain.Peer.Host, () => plain.Peer.ProcessorTime + ssh.ProcessorTime);
        if (throughSsh is not null)
        {
            ways.Add(throughSsh);
        }

        foreach (var way in ways)
        {
            await way.MeasureAsync(load, Large, round);
            way.Forget();
        }

        for (var i = 0; i < rounds; i++)
        {
            foreach (var way in ways)
            {
                await way.MeasureAsync(load, Large, round);
            }
        }

        var (before, after) = await Reconnects.RunAsync(plain.Coordinator.Url, plain.Proxy, Cuts);
        Print(ways, rounds, round);
        if (throughSsh is null)
        {
            Console.WriteLine("ssh -R: absent (no sshd, or it does not start).");
        }

        Console.WriteLine($"{Cuts} tunnels cut with a visitor in each; the proxy before: {before}, and after: {after}.");
        var figures = new Dictionary<string, double>
        {
            ["requests_per_second"] = Math.Round(Median(through.Rates)),
            ["requests_per_second_tls"] = Math.Round(Median(throughSecure.Rates)),
            ["p99_ms"] = Round(Median(through.Latencies)),
            ["mb_per_second"] = Math.Round(Median(through.Throughputs)),
            ["mb_per_second_tls"] = Math.Round(Median(throughSecure.Throughputs)),
            ["cpu_us_per_request"] = Round(Median(through.Costs)),
            ["ratio_to_direct"] = MedianOfRatios(through.Rates, direct.Rates),
            ["ratio_to_direct_bulk"] = MedianOfRatios(through.Throughputs, direct.Throughputs),
            ["ratio_to_direct_bulk_tls"] = MedianOfRatios(throughSecure.Throughputs, directSecure.Throughputs),
            ["rounds"] = rounds,
            ["reconnects"] = Cuts,
            ["leaked_handles"] = after.Handles - before.Handles,
            ["leaked_lanes"] = after.Lanes - before.Lanes,
            ["leaked_bytes"] = after.MemoryBytes - before.MemoryBytes,
        };
        if (throughSsh is not null)
        {
            figures["ratio_to_ssh"] = MedianOfRatios(through.Rates, throughSsh.Rates);
            figures["ratio_to_ssh_bulk"] = MedianOfRatios(through.Throughputs, throughSsh.Throughputs);
        }

        Console.WriteLine(JsonSerializer.Serialize(figures));
    }

    private static void Print(List<MeasuredWay> ways, int rounds, TimeSpan round)
    {
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{Files} files of {FileBytes:n0} bytes over 64 connections, and one of {LargeBytes / 1e6:n0} MB over 4; {rounds} rounds of {round.TotalSeconds:n0} s each, in turn."));
        Console.WriteLine();
        Console.WriteLine("| way | requests/s, median | lowest | highest | p99 ms | processor µs a request | MB/s, median | lowest | highest |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---:|---:|---:|");
        foreach (var way in ways)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {way.Name} | {Median(way.Rates):n0} | {way.Rates.Min():n0} | {way.Rates.Max():n0} | {Median(way.Latencies):f2} | {Median(way.Costs):f1} | {Median(way.Throughputs):n0} | {way.Throughputs.Min():n0} | {way.Throughputs.Max():n0} |"));
        }

        Console.WriteLine();
    }

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"page-{number:d3}.html");

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>Ratios within a round, since a machine that others use is not as fast in each.</summary>
    private static double MedianOfRatios(List<double> ours, List<double> theirs) => Round(Median([.. ours.Zip(theirs, (one, other) => one / other)]));

    private static double Round(double value) => Math.Round(value, 3);

    /// <summary>A coordinator, a proxy, and a peer behind it.</summary>
    private sealed class Ground : IAsyncDisposable
    {
        private string _scheme = "";

        public required CoordinatorProcess Coordinator { get; init; }

        public PeerProcess Proxy { get; private set; } = null!;

        public PeerProcess Peer { get; private set; } = null!;

        public static async Task<Ground> StartAsync(string folder, string root, bool isSecure)
        {
            var scheme = isSecure ? "https" : "http";
            var own = Directory.CreateDirectory(Path.Combine(folder, scheme)).FullName;
            var ground = new Ground { Coordinator = await CoordinatorProcess.StartAsync(own), _scheme = scheme };
            var role = new PeerRole
            {
                User = "joe",
                Coordinator = ground.Coordinator.Url,
                Folder = Path.Combine(folder, "proxy-site"),
                StateFolder = Path.Combine(own, "joe"),
                IsSecure = isSecure,
                IsProxy = true,
            };
            ground.Proxy = await PeerProcess.StartAsync(role);
            ground.Peer = await PeerProcess.StartAsync(role with { User = "bob", Folder = root, StateFolder = Path.Combine(own, "bob"), IsProxy = false, IsWalled = true });
            return ground;
        }

        public MeasuredWay Through(string name) => new(name, Url(Proxy.Port), Peer.Host, () => Proxy.ProcessorTime + Peer.ProcessorTime);

        public MeasuredWay Direct(string name) => new(name, Url(Peer.Port), Peer.Host, () => Peer.ProcessorTime);

        public ValueTask DisposeAsync()
        {
            Peer?.Dispose();
            Proxy?.Dispose();
            Coordinator.Dispose();
            return default;
        }

        private Uri Url(int port) => new UriBuilder(_scheme, "127.0.0.1", port).Uri;
    }
}
