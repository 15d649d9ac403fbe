using System.Diagnostics;

namespace Benchmarks.Bloom;

/// <summary>Is one thing that is measured: a loop over many operations, several times, between the loops of the other cases.</summary>
/// <param name="name">What the table calls it.</param>
/// <param name="operations">The operations of one loop.</param>
/// <param name="prepare">Is done before each loop, unmeasured.</param>
/// <param name="loop">The loop; its result keeps the compiler from leaving it out.</param>
internal sealed class Case(string name, int operations, Action prepare, Func<long> loop)
{
    private static readonly TimeSpan WarmUpTime = TimeSpan.FromSeconds(5);

    private readonly List<double> _nanoseconds = [];

    public string Name => name;

    public bool IsLookup => name.EndsWith("hit", StringComparison.Ordinal) || name.EndsWith("miss", StringComparison.Ordinal);

    /// <summary>The median of all loops, for one operation.</summary>
    public double Nanoseconds => _nanoseconds.Order().ElementAt(_nanoseconds.Count / 2);

    public double BytesAllocated { get; private set; }

    public void Run(bool measured)
    {
        prepare();
        var allocated = GC.GetAllocatedBytesForCurrentThread();
        var started = Stopwatch.GetTimestamp();
        var result = loop();
        var elapsed = Stopwatch.GetElapsedTime(started);
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        GC.KeepAlive(result);
        if (measured)
        {
            _nanoseconds.Add(elapsed.TotalNanoseconds / operations);
            BytesAllocated = (double)allocated / operations;
        }
    }

    /// <summary>Runs cases in turn, so that what else happens on the machine meets all of them alike.</summary>
    public static void RunInterleaved(IReadOnlyList<Case> cases, int rounds)
    {
        WarmUp(() => RunAll(measured: false));
        for (var round = 0; round < rounds; round++)
        {
            RunAll(measured: true);
        }

        void RunAll(bool measured)
        {
            foreach (var each in cases)
            {
                each.Run(measured);
            }
        }
    }

    /// <summary>Does something for so long that the compiler has seen it often enough, and has had the time to optimise it.</summary>
    public static void WarmUp(Action action)
    {
        const int RoundsMin = 5;
        var started = Stopwatch.GetTimestamp();
        for (var round = 0; round < RoundsMin || Stopwatch.GetElapsedTime(started) < WarmUpTime; round++)
        {
            action();
        }
    }
}
