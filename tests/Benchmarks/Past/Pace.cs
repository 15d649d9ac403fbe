using System.Diagnostics;

namespace Benchmarks.Past;

/// <summary>Lets a number of workers do one operation after the other, for a while or until there are no more, and measures.</summary>
internal static class Pace
{
    /// <param name="atATime">How many workers.</param>
    /// <param name="most">How many operations at most.</param>
    /// <param name="duration">After how long no more are begun.</param>
    /// <param name="operation">Does one: of which worker, and the how manyth from 0.</param>
    public static async Task<Figures> RunAsync(int atATime, int most, TimeSpan duration, Func<int, int, Task> operation)
    {
        var latencies = new double[most];
        var next = -1;
        using var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, atATime).Select(worker => Task.Run(async () =>
        {
            while (Stopwatch.GetElapsedTime(start) < duration && Interlocked.Increment(ref next) is var number && number < most)
            {
                var begun = Stopwatch.GetTimestamp();
                await operation(worker, number);
                latencies[number] = Stopwatch.GetElapsedTime(begun).TotalMilliseconds;
            }
        })));
        var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
        process.Refresh();
        cpu = process.TotalProcessorTime - cpu;
        var count = Math.Min(next + 1, most);
        Array.Sort(latencies, 0, count);
        return new Figures(count / seconds, latencies[count / 2], latencies[count * 99 / 100], cpu.TotalMicroseconds / count, count);
    }
}

/// <summary>Holds what was measured in one run.</summary>
internal sealed record Figures(double PerSecond, double P50Milliseconds, double P99Milliseconds, double CpuMicroseconds, int Count)
{
    public static Figures MedianOf(IReadOnlyCollection<Figures> runs) => new(
        Median(runs, run => run.PerSecond),
        Median(runs, run => run.P50Milliseconds),
        Median(runs, run => run.P99Milliseconds),
        Median(runs, run => run.CpuMicroseconds),
        runs.Sum(run => run.Count));

    private static double Median(IReadOnlyCollection<Figures> runs, Func<Figures, double> figure) => runs.Select(figure).Order().ElementAt(runs.Count / 2);
}
