using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Benchmarks.Coordinator;

namespace Benchmarks.Site;

/// <summary>
/// Serves files of 1 KB as a peer does, with its rules and its log of readings, beside a Kestrel application of one line (<c>UseStaticFiles</c>) and nginx without a cache of open files. The
/// same load (wrk) asks them in turn; figures are medians of the rounds.
/// </summary>
internal static class SiteBenchmark
{
    private const int Files = 100;
    private const int FileBytes = 1024;
    private const int RoundsQuick = 7;
    private const int Rounds = 15;

    private static readonly TimeSpan RoundQuick = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Round = TimeSpan.FromSeconds(8);

    public static async Task<int> RunAsync(bool quick)
    {
        var folder = Directory.CreateTempSubdirectory("site-benchmark-").FullName;
        try
        {
            var root = Path.Combine(folder, "site");
            Directory.CreateDirectory(root);
            for (var i = 0; i < Files; i++)
            {
                await File.WriteAllBytesAsync(Path.Combine(root, NameOf(i)), Content(i));
                File.SetLastWriteTimeUtc(Path.Combine(root, NameOf(i)), DateTime.UtcNow.AddDays(-1));
            }

            // What has just been written is not kept in memory, since it may be written again within one tick of the disk's clock.
            await Task.Delay(TimeSpan.FromSeconds(2));
            await MeasureAsync(folder, root, quick ? RoundsQuick : Rounds, quick ? RoundQuick : Round);
            return 0;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task MeasureAsync(string folder, string root, int rounds, TimeSpan round)
    {
        Directory.CreateDirectory(Path.Combine(folder, "coordinator"));
        using var coordinator = await CoordinatorProcess.StartAsync(Path.Combine(folder, "coordinator"));
        await using var ours = await PeerSite.StartAsync(root, Path.Combine(folder, "state"), coordinator.Url);
        await using var kestrel = await KestrelFiles.StartAsync(root);
        await using var nginx = await NginxFiles.TryStartAsync(folder, root);
        var load = Load.TryFind(folder, ours.Host, Enumerable.Range(0, Files).Select(NameOf));
        if (load is null)
        {
            Console.WriteLine("wrk is not installed: nothing to ask with.");
            return;
        }

        List<MeasuredServer> servers = [new("YouServ", ours.Address, OwnTime), new("Kestrel, UseStaticFiles", kestrel.Address, OwnTime)];
        if (nginx is not null)
        {
            servers.Add(new("nginx", nginx.Address, nginx.ProcessorTime));
        }

        foreach (var server in servers)
        {
            await CheckAsync(server.Address, ours.Host);
            await load.RunAsync(server.Address, round);
        }

        for (var i = 0; i < rounds; i++)
        {
            foreach (var server in servers)
            {
                await server.MeasureAsync(load, round);
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{Files} files of {FileBytes:n0} bytes, 64 connections, {rounds} rounds of {round.TotalSeconds:n0} s each, in turn."));
        Console.WriteLine();
        Console.WriteLine("| server | requests/s, median | lowest | highest | processor µs a request |");
        Console.WriteLine("|---|---:|---:|---:|---:|");
        foreach (var server in servers)
        {
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {server.Name} | {Median(server.Rates):n0} | {server.Rates.Min():n0} | {server.Rates.Max():n0} | {Median(server.Costs):f1} |"));
        }

        Console.WriteLine();
        var figures = new Dictionary<string, double>
        {
            ["requests_per_second"] = Math.Round(Median(servers[0].Rates)),
            ["ratio_to_kestrel_files"] = MedianOfRatios(servers[0].Rates, servers[1].Rates),
        };
        if (nginx is null)
        {
            Console.WriteLine("nginx is not installed: no ratio to it.");
        }
        else
        {
            figures["ratio_to_nginx"] = MedianOfRatios(servers[0].Rates, servers[2].Rates);
        }

        Console.WriteLine(JsonSerializer.Serialize(figures));
    }

    private static TimeSpan OwnTime()
    {
        using var process = Process.GetCurrentProcess();
        return process.TotalProcessorTime;
    }

    private static async Task CheckAsync(Uri address, string host)
    {
        using var client = new HttpClient { DefaultRequestHeaders = { Host = host } };
        for (var i = 0; i < Files; i++)
        {
            var content = await client.GetByteArrayAsync(new Uri(address, NameOf(i)));
            if (!content.AsSpan().SequenceEqual(Content(i)))
            {
                throw new InvalidOperationException($"{address}{NameOf(i)} is not what was written.");
            }
        }
    }

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"page-{number:d3}.html");

    private static byte[] Content(int number)
    {
        var content = new byte[FileBytes];
        new Random(number).NextBytes(content);
        return content;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);

    /// <summary>Ratios within a round, since a machine that others use is not as fast in each.</summary>
    private static double MedianOfRatios(List<double> ours, List<double> theirs) =>
        Math.Round(Median([.. ours.Zip(theirs, (mine, yours) => mine / yours)]), 3);
}
