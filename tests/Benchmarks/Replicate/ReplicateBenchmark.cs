using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text.Json;
using Benchmarks.Coordinator;
using Benchmarks.Dns;
using P2P.YouServ;

namespace Benchmarks.Replicate;

/// <summary>
/// Measures how fast a copy follows its owner, from the moment that the last byte is in the owner's folder until the coordinator knows that it is on the copy's disk: many small files, one byte in a large one, and a page that
/// visitors of the copy see change.
/// </summary>
internal static class ReplicateBenchmark
{
    private const int SmallFiles = 1000;
    private const int ManyFiles = 50_000;
    private const int LargeLength = 200_000_000;

    private static readonly SiteName Alice = SiteName.Parse("alice");

    public static async Task<int> RunAsync(bool quick)
    {
        var rounds = quick ? 3 : 10;
        using var folder = new BenchmarkFolder();
        using var coordinator = await CoordinatorProcess.StartAsync(folder.PathOf("."));
        var root = folder.PathOf("joe");
        await using var joe = await ReplicatedPeer.StartAsync("joe", root, folder.PathOf("joe-state"), coordinator.Url);
        await using var alice = await ReplicatedPeer.StartAsync("alice", folder.PathOf("alice"), folder.PathOf("alice-state"), coordinator.Url);
        await joe.Peer.SetRuleAsync(new() { Path = SitePath.Root, Audience = Audience.Everyone });
        await joe.Peer.InviteHolderAsync(Alice);
        await alice.Peer.AcceptCopyAsync(SiteName.Parse("joe"));
        await File.WriteAllTextAsync(Path.Combine(root, "page.txt"), "0");
        await SeenAsync(joe, alice, "page.txt", "0");
        Console.WriteLine("An owner and a copy in one process, over HTTP on this machine; a coordinator in a process of its own. Durable: on the copy's disk, flushed, and known to the coordinator.");

        var (small, raw) = (new List<double>(), new List<double>());
        for (var round = 0; round < rounds; round++)
        {
            raw.Add(WriteRaw(folder.PathOf($"raw-{round}")));
            small.Add(await MeasureSmallAsync(joe, Path.Combine(root, $"small-{round}"), SmallFiles));
        }

        var (delta, deltaBytes) = await MeasureDeltaAsync(joe, Path.Combine(root, "large.bin"), rounds);
        var visible = await MeasureVisibleAsync(joe, alice, root, quick ? 20 : 100);
        (double All, double OneMore)? many = quick ? null : (await MeasureSmallAsync(joe, Path.Combine(root, "many"), ManyFiles), await MeasureSmallAsync(joe, Path.Combine(root, "many"), 1));
        Array.Sort(visible);
        var (median, longest) = (visible[visible.Length / 2], visible[^1]);
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{SmallFiles} files of 1 KB, durable at the copy     {small.Min(),8:f2} s   (median {Median(small):f2}; writing and flushing them here: {raw.Min():f2} s)"));
        if (many is { } large)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{ManyFiles} files of 1 KB, durable at the copy    {large.All,8:f2} s   ({large.All / ManyFiles * 1000:f2} s for each 1000)"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    and one more beside them             {large.OneMore,8:f2} s"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"one byte in a file of {LargeLength / 1_000_000} MB             {delta.Min(),8:f2} s   (median {Median(delta):f2})"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    bytes on the wire, both ways         {deltaBytes.Max(),8} (most of {deltaBytes.Count})"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"a change is seen at the copy after       {median,8:f0} ms (median of {visible.Length}; longest {longest:f0})"));
        Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["sync_1000_seconds"] = Math.Round(Median(small), 3),
            ["raw_1000_seconds"] = Math.Round(Median(raw), 3),
            ["delta_seconds"] = Math.Round(Median(delta), 3),
            ["delta_bytes"] = deltaBytes.Max(),
            ["change_visible_ms"] = Math.Round(median),
            ["change_visible_longest_ms"] = Math.Round(longest),
        }));
        return 0;
    }

    private static async Task<double> MeasureSmallAsync(ReplicatedPeer joe, string folder, int count)
    {
        Directory.CreateDirectory(folder);
        var since = (await joe.Peer.GetReplicationAsync()).Replicas[0].Version;
        for (var i = 0; i < count; i++)
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, $"{i}.bin"), RandomNumberGenerator.GetBytes(1000));
        }

        return await DurableAsync(joe, since);
    }

    /// <summary>What writing the files costs without anything else, one flush for all.</summary>
    private static double WriteRaw(string folder)
    {
        Directory.CreateDirectory(folder);
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < SmallFiles; i++)
        {
            File.WriteAllBytes(Path.Combine(folder, $"{i}.bin"), RandomNumberGenerator.GetBytes(1000));
        }

        using var sync = Process.Start("sync", ["-f", folder]);
        sync.WaitForExit();
        return Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private static async Task<(List<double> Seconds, List<long> Bytes)> MeasureDeltaAsync(ReplicatedPeer joe, string path, int rounds)
    {
        var since = (await joe.Peer.GetReplicationAsync()).Replicas[0].Version;
        await File.WriteAllBytesAsync(path, RandomNumberGenerator.GetBytes(LargeLength));
        await DurableAsync(joe, since);
        var (seconds, bytes) = (new List<double>(), new List<long>());
        for (var round = 0; round < rounds; round++)
        {
            since = (await joe.Peer.GetReplicationAsync()).Replicas[0].Version;
            var before = joe.Wire.Bytes;
            using (var file = File.OpenHandle(path, FileMode.Open, FileAccess.ReadWrite))
            {
                RandomAccess.Write(file, [(byte)round, .. RandomNumberGenerator.GetBytes(1)], RandomNumberGenerator.GetInt32(LargeLength - 2));
            }

            seconds.Add(await DurableAsync(joe, since));
            bytes.Add(joe.Wire.Bytes - before);
        }

        return (seconds, bytes);
    }

    private static async Task<double[]> MeasureVisibleAsync(ReplicatedPeer joe, ReplicatedPeer alice, string root, int times)
    {
        var spans = new double[times];
        for (var i = 0; i < times; i++)
        {
            await File.WriteAllTextAsync(Path.Combine(root, "page.txt"), $"version {i}");
            var begun = Stopwatch.GetTimestamp();
            await SeenAsync(joe, alice, "page.txt", $"version {i}");
            spans[i] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            await Task.Delay(RandomNumberGenerator.GetInt32(200, 600));
        }

        return spans;
    }

    /// <summary>Waits until the coordinator knows of a later state at the copy, with all that is in the folder.</summary>
    private static async Task<double> DurableAsync(ReplicatedPeer joe, long since)
    {
        var begun = Stopwatch.GetTimestamp();
        var last = since;
        var seen = Stopwatch.GetElapsedTime(begun);
        while (true)
        {
            var status = await joe.Peer.GetReplicationAsync();
            var version = status.Replicas[0].Version;
            if (version != last)
            {
                (last, seen) = (version, Stopwatch.GetElapsedTime(begun));
            }

            // More may follow, as the peer does not know which file is the last: the end is the last state, once nothing has followed for a second.
            if (last > since && status.Version == last && Stopwatch.GetElapsedTime(begun) - seen > TimeSpan.FromSeconds(1))
            {
                return seen.TotalSeconds;
            }

            await Task.Delay(5);
        }
    }

    private static async Task SeenAsync(ReplicatedPeer joe, ReplicatedPeer alice, string name, string text)
    {
        using var http = new HttpClient();
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{alice.Port}/{name}") { Headers = { Host = joe.Peer.Status.Host, CacheControl = new CacheControlHeaderValue { NoCache = true } } };
            using var response = await http.SendAsync(request);
            if (response.IsSuccessStatusCode && await response.Content.ReadAsStringAsync() == text)
            {
                return;
            }

            await Task.Delay(2);
        }
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
