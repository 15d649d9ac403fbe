using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text.Json;
using P2P.YouServ.Dns;

namespace Benchmarks.Dns;

/// <summary>
/// Measures how many queries a second the embedded server answers, beside Knot under the same load of dnsperf, in turn; and how many changes a second become durable and
/// visible, beside those that Knot takes by dynamic updates.
/// </summary>
internal static class DnsBenchmark
{
    private const int Names = 1000;
    private const int Publishers = 64;

    public static readonly DnsName Zone = DnsName.Parse("userv.example");

    public static async Task<int> RunAsync(bool quick)
    {
        var rounds = quick ? 5 : 15;
        var duration = TimeSpan.FromSeconds(quick ? 3 : 10);
        using var folder = new BenchmarkFolder();
        var queries = folder.Write("queries", string.Join('\n', Enumerable.Range(0, Names).Select(number => $"{NameOf(number)} A")) + "\n");
        await using var ours = await DnsServer.StartAsync(Options(folder.PathOf("zone.db")));
        await ours.PublishAsync([.. Enumerable.Range(0, Names).Select(number => AddressOf(NameOf(number), number))]);
        await using var knot = await Knot.TryStartAsync(folder, string.Concat(Enumerable.Range(0, Names).Select(number => $"{NameOf(number)}. 10 A 10.0.{number / 256}.{number % 256}\n")));
        var load = QueryLoad.TryCreate(queries);
        Console.WriteLine($"{Names} names, one address each; dnsperf on the same machine; medians of {rounds} interleaved rounds of {duration.TotalSeconds:f0} s.");
        Console.WriteLine();
        if (load is null)
        {
            Console.WriteLine("dnsperf is not installed (Debian: dnsperf); queries are not measured.");
        }

        if (knot is null)
        {
            Console.WriteLine("knotd is not installed (Debian: knot); there is nothing to compare with.");
        }

        var (oursRuns, knotRuns) = await MeasureQueriesAsync(load, ours.Endpoints[0], knot, rounds, duration);
        var (updates, knotUpdates) = await MeasureUpdatesAsync(ours, knot, rounds, duration);
        Print(oursRuns, knotRuns, updates, knotUpdates, rounds);
        return 0;
    }

    public static string NameOf(int number) => $"site{number}.{Zone}";

    public static DnsRecordSet AddressOf(string name, int number) =>
        DnsRecordSet.OfAddresses(DnsName.Parse(name), new IPAddress([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]));

    private static DnsServerOptions Options(string path) => new()
    {
        Zone = Zone,
        NameServers = [Zone.Child("ns1")],
        Records = [DnsRecordSet.OfAddresses(Zone.Child("ns1"), IPAddress.Loopback)],
        Endpoints = [new IPEndPoint(IPAddress.Loopback, 0)],
        Path = path,

        // All of the load comes from one network.
        DatagramsPerSecondMax = 0,
    };

    private static async Task<(List<QueryRun> Ours, List<QueryRun> Knot)> MeasureQueriesAsync(QueryLoad? load, IPEndPoint ours, Knot? knot, int rounds, TimeSpan duration)
    {
        var (oursRuns, knotRuns) = (new List<QueryRun>(), new List<QueryRun>());
        if (load is null)
        {
            return (oursRuns, knotRuns);
        }

        using var self = Process.GetCurrentProcess();
        await load.RunAsync(ours, self, duration);
        for (var round = 0; round < rounds; round++)
        {
            oursRuns.Add(await load.RunAsync(ours, self, duration));
            if (knot is not null)
            {
                knotRuns.Add(await load.RunAsync(knot.Endpoint, knot.Process, duration));
            }
        }

        return (oursRuns, knotRuns);
    }

    private static async Task<(List<double> Ours, List<double> Knot)> MeasureUpdatesAsync(DnsServer ours, Knot? knot, int rounds, TimeSpan duration)
    {
        var (oursRuns, knotRuns) = (new List<double>(), new List<double>());
        var meter = new UpdateMeter(Publishers, duration / 2);
        await meter.RunAsync(ours, ours.Endpoints[0]);
        for (var round = 0; round < rounds; round++)
        {
            oursRuns.Add(await meter.RunAsync(ours, ours.Endpoints[0]));
            if (knot is not null)
            {
                using var publisher = knot.Publisher(Publishers);
                knotRuns.Add(await meter.RunAsync(publisher, knot.Endpoint));
            }
        }

        return (oursRuns, knotRuns);
    }

    private static void Print(List<QueryRun> ours, List<QueryRun> knot, List<double> updates, List<double> knotUpdates, int rounds)
    {
        var (queries, knotQueries) = (Median(ours.Select(run => run.QueriesPerSecond)), Median(knot.Select(run => run.QueriesPerSecond)));
        var (cpu, knotCpu) = (Median(ours.Select(run => run.CpuMicroseconds)), Median(knot.Select(run => run.CpuMicroseconds)));
        var ratio = Median(ours.Zip(knot, (one, other) => one.QueriesPerSecond / other.QueriesPerSecond));
        Console.WriteLine("| server | queries/s | CPU µs/query | lost | durable, visible changes/s |");
        Console.WriteLine("|---|---:|---:|---:|---:|");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| YouServ | {queries:n0} | {cpu:f2} | {ours.Sum(run => run.Lost)} | {Median(updates):n0} |"));
        if (knotUpdates.Count > 0)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| Knot | {knotQueries:n0} | {knotCpu:f2} | {knot.Sum(run => run.Lost)} | {Median(knotUpdates):n0} |"));
        }

        Console.WriteLine();
        var figures = new Dictionary<string, object> { ["updates_per_second"] = Math.Round(Median(updates)), ["rounds"] = rounds };
        Add("queries_per_second", Math.Round(queries));
        Add("ratio_to_peer", Math.Round(ratio, 3));
        Add("cpu_us_per_query", Math.Round(cpu, 2));
        Add("peer_queries_per_second", Math.Round(knotQueries));
        Add("peer_cpu_us_per_query", Math.Round(knotCpu, 2));
        Add("peer_updates_per_second", Math.Round(Median(knotUpdates)));
        Console.WriteLine(JsonSerializer.Serialize(figures));

        // What was not measured has no key.
        void Add(string key, double figure)
        {
            if (!double.IsNaN(figure))
            {
                figures[key] = figure;
            }
        }
    }

    private static double Median(IEnumerable<double> figures)
    {
        var sorted = figures.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }
}
