namespace Benchmarks.Site;

/// <summary>A server with what was measured of it.</summary>
internal sealed class MeasuredServer(string name, Uri address, Func<TimeSpan> processorTime)
{
    public string Name => name;

    public Uri Address => address;

    /// <summary>Requests a second of each round.</summary>
    public List<double> Rates { get; } = [];

    /// <summary>Of each round, what 99 of 100 requests took at most, in milliseconds.</summary>
    public List<double> Latencies { get; } = [];

    /// <summary>Microseconds of processor that each round's requests took, on the server's side.</summary>
    public List<double> Costs { get; } = [];

    public async Task MeasureAsync(Load load, TimeSpan duration)
    {
        var before = processorTime();
        var (rate, latency) = await load.RunAsync(address, duration);
        Rates.Add(rate);
        Latencies.Add(latency);
        Costs.Add((processorTime() - before).TotalMicroseconds / (rate * duration.TotalSeconds));
    }
}
