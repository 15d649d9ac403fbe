using System.Globalization;
using System.Text.Json;
using P2P.Pastry;
using P2P.Pastry.Transport;
using P2P.Scribe;

namespace Benchmarks.Scribe;

/// <summary>
/// Measures how many deliveries a second a group makes of one author's messages, with 16 and with 64 members that are children of the rendezvous point, beside a
/// raw fan-out and beside brokers of messages where these are installed. Everything shares this machine's processors.
/// </summary>
internal static class ScribeBenchmark
{
    private const int Together = 1024;
    private const int HertzOfGame = 60;

    public static async Task<int> RunAsync(bool quick, IReadOnlyList<string> only)
    {
        var rounds = quick ? 3 : 7;
        var duration = TimeSpan.FromSeconds(quick ? 1.5 : 4);
        Console.WriteLine($"One publisher, {FanOutMeter.ContentLength}-byte messages, every batch signed by its author and verified at every member; medians of {rounds} interleaved rounds.");
        Console.WriteLine($"Published by {Together} calls at a time; where each is signed, by one. Best-effort messages unless it says ordered. TCP transports always use TLS: without it there is the one in memory.");
        Console.WriteLine();
        Console.WriteLine("| receivers | way | deliveries/s | CPU µs/delivery | B/delivery | messages/batch | p50 ms at 60 Hz | p99 ms | missed |");
        Console.WriteLine("|---:|---|---:|---:|---:|---:|---:|---:|---:|");
        await MeasureAsync(16, rounds, duration, only);
        var many = await MeasureAsync(64, rounds, duration, only);
        Console.WriteLine();
        var figures = new Dictionary<string, double> { ["bytes_per_forward"] = Math.Round(await ForwardMeter.MeasureAsync(), 2) };
        Add("deliveries_per_second", "SCRIBE in memory", measured => measured.Flood.DeliveriesPerSecond);
        Add("deliveries_per_second_tls", "SCRIBE", measured => measured.Flood.DeliveriesPerSecond);
        Add("deliveries_per_second_signed_each", "SCRIBE, each signed", measured => measured.Flood.DeliveriesPerSecond);
        Add("p99_ms", "SCRIBE", measured => measured.Pace.P99Milliseconds);
        Add("raw_deliveries_per_second", "raw TCP", measured => measured.Flood.DeliveriesPerSecond);
        Console.WriteLine(JsonSerializer.Serialize(figures));
        return 0;

        void Add(string key, string way, Func<(Flood Flood, Pace Pace), double> figure)
        {
            if (many.TryGetValue(way, out var measured))
            {
                figures.Add(key, Math.Round(figure(measured), 2));
            }
        }
    }

    private static async Task<Dictionary<string, (Flood Flood, Pace Pace)>> MeasureAsync(int receivers, int rounds, TimeSpan duration, IReadOnlyList<string> only)
    {
        var ways = new List<(string Name, IFanOut FanOut, List<Flood> Floods, List<Pace> Paces)>();
        var brokers = new List<Broker>();
        try
        {
            await AddAsync("SCRIBE", async () => await GroupFanOut.StartAsync(receivers, DeliveryClass.BestEffort, Together, Tls));
            await AddAsync("SCRIBE in memory", async () => await GroupFanOut.StartAsync(receivers, DeliveryClass.BestEffort, Together, new InMemoryNetwork().CreateTransport));
            await AddAsync("SCRIBE, ordered", async () => await GroupFanOut.StartAsync(receivers, DeliveryClass.Ordered, Together, Tls));
            await AddAsync("SCRIBE, each signed", async () => await GroupFanOut.StartAsync(receivers, DeliveryClass.BestEffort, together: 1, Tls));
            await AddAsync("raw TCP", async () => await WireFanOut.StartRawAsync(receivers, isSecret: false));
            await AddAsync("raw TLS", async () => await WireFanOut.StartRawAsync(receivers, isSecret: true));
            await AddBrokerAsync("NATS", Broker.TryStartNatsAsync);
            await AddBrokerAsync("Redis", Broker.TryStartRedisAsync);
            for (var round = 0; round <= rounds; round++)
            {
                foreach (var (_, fanOut, floods, paces) in ways)
                {
                    // What the flood before has left behind burdens none of those after it.
                    GC.Collect();
                    var pace = await fanOut.PaceAsync(HertzOfGame, duration);
                    var flood = await fanOut.FloodAsync(duration);
                    if (round > 0)
                    {
                        // The first one warmed up.
                        floods.Add(flood);
                        paces.Add(pace);
                    }
                }
            }

            foreach (var (name, fanOut, floods, paces) in ways)
            {
                Print(receivers, name, Median(floods), Median(paces), (fanOut as GroupFanOut)?.Lost ?? 0);
            }

            return ways.ToDictionary(way => way.Name, way => (Median(way.Floods), Median(way.Paces)));
        }
        finally
        {
            foreach (var (_, fanOut, _, _) in ways)
            {
                await fanOut.DisposeAsync();
            }

            foreach (var broker in brokers)
            {
                await broker.DisposeAsync();
            }
        }

        async Task AddAsync(string name, Func<Task<IFanOut>> start)
        {
            if (only.Count == 0 || only.Contains(name))
            {
                ways.Add((name, await start(), [], []));
            }
        }

        async Task AddBrokerAsync(string name, Func<Task<Broker?>> start)
        {
            if (only.Count > 0 && !only.Contains(name))
            {
                return;
            }

            if (await start() is { } broker)
            {
                brokers.Add(broker);
                await AddAsync(name, async () => await WireFanOut.StartAsync(receivers, broker));
            }
            else
            {
                Console.WriteLine($"| {receivers} | {name} is not installed: left out |||||||");
            }
        }
    }

    private static TcpTransport Tls() => new(new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)] });

    private static Flood Median(List<Flood> floods) => new(
        Median(floods, flood => flood.DeliveriesPerSecond),
        Median(floods, flood => flood.CpuMicroseconds),
        Median(floods, flood => flood.AllocatedBytes),
        Median(floods, flood => flood.MessagesPerBatch));

    private static Pace Median(List<Pace> paces) => new(
        Median(paces, pace => pace.P50Milliseconds), Median(paces, pace => pace.P99Milliseconds), Median(paces, pace => pace.MaxMilliseconds), paces.Sum(pace => pace.Samples));

    private static double Median<T>(List<T> runs, Func<T, double> figure)
    {
        var sorted = runs.Select(figure).Order().ToArray();
        return sorted[sorted.Length / 2];
    }

    private static void Print(int receivers, string name, Flood flood, Pace pace, long missed) => Console.WriteLine(string.Create(
        CultureInfo.InvariantCulture,
        $"| {receivers} | {name} | {flood.DeliveriesPerSecond:n0} | {flood.CpuMicroseconds:f2} | {flood.AllocatedBytes:f0} | {flood.MessagesPerBatch:f0} | {pace.P50Milliseconds:f2} | {pace.P99Milliseconds:f2} | {missed} |"));
}
