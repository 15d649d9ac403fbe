using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using P2P.Past;

namespace Benchmarks.ReplicaStore;

/// <summary>
/// Fills a store with small files, each durable when its call returns, opens it again, and reads from it at random. <c>--blobs N</c> says how many, <c>--directory DIR</c>
/// where; what is there stays there.
/// </summary>
internal static class ReplicaStoreBenchmark
{
    /// <summary>The median of the files of PAST's first workload (§5).</summary>
    private const int ContentLength = 1312;

    private const int Full = 1_000_000;
    private const int Quick = 50_000;
    private const int Parts = 10;
    private const int Together = 64;
    private const int Reads = 100_000;
    private const int Openings = 3;

    public static async Task<int> RunAsync(string[] args)
    {
        var quick = args.Contains("--quick");
        var blobs = Option(args, "--blobs") is { } count ? int.Parse(count, NumberStyles.AllowThousands, CultureInfo.InvariantCulture) : quick ? Quick : Full;
        var kept = Option(args, "--directory");
        var directory = kept ?? Path.Combine(Path.GetTempPath(), $"replica-store-{Path.GetRandomFileName()}");
        try
        {
            await RunAsync(blobs, directory);
            return 0;
        }
        finally
        {
            if (kept is null)
            {
                Directory.Delete(directory, recursive: true);
            }
        }
    }

    private static async Task RunAsync(int blobs, string directory)
    {
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{blobs:n0} files of {ContentLength:n0} bytes into '{directory}'; each is durable when its call returns."));
        Console.WriteLine();
        Console.WriteLine("| stored | at a time | inserts/s | p50 ms | p99 ms |");
        Console.WriteLine("|---:|---:|---:|---:|---:|");
        var files = new StampedFiles(ContentLength);
        var (seconds, stored) = (0.0, 0);
        await using (var store = await DiskReplicaStore.OpenAsync(new() { Directory = directory, CapacityBytes = long.MaxValue }))
        {
            for (var part = 1; part <= Parts; part++)
            {
                var until = (int)((long)blobs * 9 / 10 * part / Parts);
                seconds += await InsertAsync(store, files, stored, until, Together);
                stored = until;
            }

            foreach (var (atATime, share) in new[] { (1, 100), (16, 20), (Together, 0) })
            {
                var until = share == 0 ? blobs : stored + blobs / share / 10;
                await InsertAsync(store, files, stored, until, atATime);
                stored = until;
            }
        }

        var openings = new List<OpeningFigures>();
        for (var opening = 0; opening < Openings; opening++)
        {
            openings.Add(await OpeningProcess.RunAsync(directory));
        }

        var opened = openings.OrderBy(figures => figures.Seconds).ElementAt(Openings / 2);
        var reads = await ReadAsync(directory, blobs);
        var onDisk = new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length);
        Console.WriteLine();
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Opened in {opened.Seconds:f2} s, {(double)opened.Bytes / blobs:f0} bytes of memory a file (medians of {Openings} processes); {(double)onDisk / blobs:f0} bytes of the disk a file; {reads:n0} verified reads/s at random, {Together} at a time."));
        Console.WriteLine();
        Console.WriteLine(JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["blobs"] = opened.Count,
            ["inserts_per_second"] = Math.Round(blobs * 9.0 / 10 / seconds),
            ["open_seconds"] = Math.Round(opened.Seconds, 3),
            ["bytes_per_blob"] = Math.Round((double)opened.Bytes / blobs, 1),
            ["reads_per_second"] = Math.Round(reads),
        }));
    }

    private static async Task<double> InsertAsync(DiskReplicaStore store, StampedFiles files, int from, int until, int atATime)
    {
        var latencies = new double[until - from];
        var next = from - 1;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, atATime).Select(_ => Task.Run(async () =>
        {
            for (int number; (number = Interlocked.Increment(ref next)) < until;)
            {
                var certificate = files.Certify(number);
                var begun = Stopwatch.GetTimestamp();
                await store.StoreAsync(certificate, files.Content);
                latencies[number - from] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            }
        })));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        Array.Sort(latencies);
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {until:n0} | {atATime} | {latencies.Length / seconds:n0} | {latencies[latencies.Length / 2]:f2} | {latencies[latencies.Length * 99 / 100]:f1} |"));
        return seconds;
    }

    private static async Task<double> ReadAsync(string directory, int blobs)
    {
        await using var store = await DiskReplicaStore.OpenAsync(new() { Directory = directory, CapacityBytes = long.MaxValue });
        var next = -1;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, Together).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            var content = new byte[ContentLength];
            while (Interlocked.Increment(ref next) < Reads)
            {
                await using var replica = await store.OpenReadAsync(StampedFiles.IdOf(random.Next(blobs)))
                    ?? throw new InvalidOperationException("What was stored is missing.");
                await replica.ReadLeafAsync(0, content);
            }
        })));
        return Reads / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    private static string? Option(string[] args, string name) => Array.IndexOf(args, name) is >= 0 and var place && place + 1 < args.Length ? args[place + 1] : null;
}
