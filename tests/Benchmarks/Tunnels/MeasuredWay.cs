using Benchmarks.Site;

namespace Benchmarks.Tunnels;

/// <summary>A way to a peer, with what was measured of it.</summary>
internal sealed class MeasuredWay(string name, Uri address, string host, Func<TimeSpan> processorTime)
{
    private readonly MeasuredServer _server = new(name, new UriBuilder(address) { Host = host }.Uri, processorTime);

    public string Name => name;

    /// <summary>Requests a second of each round.</summary>
    public List<double> Rates => _server.Rates;

    /// <summary>Of each round, what 99 of 100 requests took at most, in milliseconds.</summary>
    public List<double> Latencies => _server.Latencies;

    /// <summary>Microseconds of processor a request, of the peer and of whoever carries its connections.</summary>
    public List<double> Costs => _server.Costs;

    /// <summary>Megabytes a second of each round.</summary>
    public List<double> Throughputs { get; } = [];

    public async Task MeasureAsync(Load load, string file, TimeSpan duration)
    {
        await _server.MeasureAsync(load, duration);
        Throughputs.Add(await Download.RunAsync(new(address, file), host, duration));
    }

    public void Forget()
    {
        Throughputs.Clear();
        Rates.Clear();
        Latencies.Clear();
        Costs.Clear();
    }
}
