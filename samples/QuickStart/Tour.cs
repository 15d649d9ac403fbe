using System.Diagnostics;
using System.Text.Json;
using P2P.Past;
using P2P.Pastry;

namespace QuickStart;

/// <summary>Is the demonstration from start to end.</summary>
internal sealed class Tour(string folder, int nodeCount, string? workFolder, Screen screen)
{
    private const int ProbeCount = 500;

    private static readonly TimeSpan RepairTimeMax = TimeSpan.FromMinutes(10);

    /// <returns>True where everything came back equal.</returns>
    public async Task<bool> RunAsync(CancellationToken cancellationToken)
    {
        var work = workFolder ?? Path.Combine(Path.GetTempPath(), $"p2p-quickstart-{Environment.ProcessId}");
        Directory.CreateDirectory(work);
        try
        {
            return await RunAsync(work, cancellationToken);
        }
        catch (Exception exception) when (exception is PastException or PastryException or IOException or TimeoutException)
        {
            await Console.Error.WriteLineAsync($"The demonstration failed: {exception.Message}");
            return false;
        }
        finally
        {
            if (workFolder is null)
            {
                Directory.Delete(work, recursive: true);
            }
        }
    }

    private async Task<bool> RunAsync(string work, CancellationToken cancellationToken)
    {
        var sizes = Directory.GetFiles(folder, "*", SearchOption.AllDirectories).Select(path => new FileInfo(path).Length).ToArray();
        var bytes = sizes.Sum();
        screen.WriteLine($"{nodeCount} nodes over TCP and TLS on loopback will keep {sizes.Length:N0} files, {bytes / 1e6:N1} MB, of '{folder}', {Defaults.Replicas} replicas each.");

        using var owner = SigningKey.Create();
        await using var ring = new Ring(work);

        // Each node could hold everything: a small ring that loses nodes has little room to choose.
        var capacity = bytes * 2 + sizes.Length * 16384L + (64 << 20);
        await screen.RunAsync($"Started {nodeCount} nodes", nodeCount, report => ring.StartAsync(nodeCount, capacity, _ => report(1), cancellationToken));
        var meanHops = await MeasureHopsAsync(ring, cancellationToken);

        var inserter = ring.Live[0];
        (FileId Manifest, IReadOnlyList<FileId> Files) archive = (default, []);
        var insertTime = await screen.RunAsync(
            $"Stored {sizes.Length:N0} files",
            bytes,
            async report => archive = await new FolderArchive(owner).StoreAsync(inserter.Past, folder, length => report(length), cancellationToken));

        // The manifest loses all but one of its holders at once, and the ring loses the node that inserted everything.
        Ring.Member[] victims = [.. ring.HoldersOf(archive.Manifest).OrderByDescending(holder => holder == inserter).Take(Defaults.Replicas - 1)];
        var stopped = 0;
        var repairTime = TimeSpan.Zero;
        foreach (var round in (Ring.Member[][])[victims, [.. new[] { inserter }.Except(victims)]])
        {
            if (round.Length == 0)
            {
                continue;
            }

            stopped += round.Length;
            await Ring.KillAsync(round);
            repairTime += await screen.RunAsync(
                $"Repaired after {round.Length} node(s) stopped dead",
                archive.Files.Count,
                report => WaitForRepairAsync(ring, archive.Files, report, cancellationToken));
        }

        var restorer = ring.Live[^1];
        var restored = Path.Combine(work, "restored");
        Directory.CreateDirectory(restored);
        var restoreTime = await screen.RunAsync(
            "Restored from one id through another node",
            bytes,
            report => FolderArchive.RestoreAsync(restorer.Past, archive.Manifest, restored, length => report(length), cancellationToken));
        var differences = await FolderComparison.CompareAsync(folder, restored, cancellationToken);
        foreach (var difference in differences.Take(20))
        {
            screen.WriteLine(difference);
        }

        var report = new Report(
            nodeCount, sizes.Length, bytes, stopped, meanHops, insertTime.TotalSeconds, repairTime.TotalSeconds, restoreTime.TotalSeconds, PeakRssMb(), differences.Count == 0);
        screen.WriteTable("A folder in a ring of Pastry nodes", report.Rows(archive.Manifest));
        Console.WriteLine(JsonSerializer.Serialize(report, ReportFormat.Default.Report));
        return report.Equal;
    }

    /// <summary>Routes messages to random keys from each node, and averages how many hops they make.</summary>
    private static async Task<double> MeasureHopsAsync(Ring ring, CancellationToken cancellationToken)
    {
        var live = ring.Live;
        using var done = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        long arrived = 0;
        long hops = 0;
        var readers = live.Select(async member =>
        {
            await foreach (var delivery in member.Probe.DeliveriesAsync(done.Token))
            {
                Interlocked.Add(ref hops, delivery.Hops);
                if (Interlocked.Increment(ref arrived) == ProbeCount)
                {
                    await done.CancelAsync();
                }
            }
        }).ToArray();
        for (var i = 0; i < ProbeCount; i++)
        {
            await live[i % live.Count].Probe.RouteAsync(NodeId.FromText($"probe {i}"), ReadOnlyMemory<byte>.Empty, cancellationToken: cancellationToken);
        }

        try
        {
            await Task.WhenAll(readers).WaitAsync(TimeSpan.FromSeconds(30), cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // All have arrived.
        }

        return (double)hops / ProbeCount;
    }

    private static async Task WaitForRepairAsync(Ring ring, IReadOnlyList<FileId> files, Action<double> report, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var whole = 0;
        while (true)
        {
            var now = files.Count(file => ring.ReplicasOf(file) >= Defaults.Replicas);
            report(Math.Max(0, now - whole));
            whole = Math.Max(now, whole);
            if (now == files.Count)
            {
                return;
            }

            if (watch.Elapsed > RepairTimeMax)
            {
                throw new TimeoutException($"{files.Count - now} files have fewer than {Defaults.Replicas} replicas after {RepairTimeMax}.");
            }

            await Task.Delay(TimeSpan.FromMilliseconds(100), cancellationToken);
        }
    }

    private static double PeakRssMb()
    {
        using var process = Process.GetCurrentProcess();
        return Math.Round(process.PeakWorkingSet64 / 1e6, 1);
    }
}
