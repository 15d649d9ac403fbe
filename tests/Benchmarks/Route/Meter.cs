using System.Diagnostics;

namespace Benchmarks.Route;

/// <summary>Counts completed messages and their round trips, from any thread, without allocating.</summary>
internal sealed class Meter
{
    private const int SamplesMax = 1 << 20;

    private readonly long[] _samples = new long[SamplesMax];
    private long _completed;
    private long _hops;

    public void Complete(long sentAt, int hops)
    {
        var index = Interlocked.Increment(ref _completed) - 1;
        Interlocked.Add(ref _hops, hops);
        _samples[index % SamplesMax] = Stopwatch.GetTimestamp() - sentAt;
    }

    /// <summary>Measures while the mesh is busy.</summary>
    public async Task<Measurement> MeasureAsync(TimeSpan duration)
    {
        using var process = Process.GetCurrentProcess();
        Interlocked.Exchange(ref _hops, 0);
        Interlocked.Exchange(ref _completed, 0);
        var allocated = GC.GetTotalAllocatedBytes(precise: true);
        process.Refresh();
        var cpu = process.TotalProcessorTime;
        var started = Stopwatch.GetTimestamp();
        await Task.Delay(duration);
        var completed = Interlocked.Read(ref _completed);
        var hops = Interlocked.Read(ref _hops);
        var elapsed = Stopwatch.GetElapsedTime(started).TotalSeconds;
        process.Refresh();
        cpu = process.TotalProcessorTime - cpu;
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        var samples = _samples.AsSpan(0, (int)Math.Min(completed, SamplesMax)).ToArray();
        Array.Sort(samples);
        return new Measurement(
            completed / elapsed,
            (double)hops / completed,
            Percentile(samples, 0.5),
            Percentile(samples, 0.99),
            (double)allocated / Math.Max(1, hops),
            cpu.TotalMicroseconds / Math.Max(1, completed));
    }

    private static double Percentile(long[] sorted, double fraction) =>
        sorted.Length == 0 ? double.NaN : sorted[(int)((sorted.Length - 1) * fraction)] * 1e6 / Stopwatch.Frequency;
}
