using P2P.Pastry.Protocol;

namespace P2P.Pastry.Simulation;

/// <summary>
/// Runs a world of events in virtual time, on the calling thread: the next event in order is taken, time jumps to it, and the handler may
/// schedule more. It knows nothing of what the events are. The same seed and the same calls give the same run.
/// </summary>
/// <typeparam name="TEvent">What happens.</typeparam>
/// <param name="seed">Where all randomness of the world comes from.</param>
/// <param name="handle">Carries an event out.</param>
public sealed class SimulationKernel<TEvent>(ulong seed, Action<TEvent> handle)
    where TEvent : struct
{
    private readonly EventQueue<TEvent> _queue = new();
    private SeededRandom _random = new(seed);

    /// <summary>The seed of this run.</summary>
    public ulong Seed { get; } = seed;

    /// <summary>The virtual time.</summary>
    public Instant Now { get; private set; }

    /// <summary>How many events have been carried out.</summary>
    public long EventCount { get; private set; }

    /// <summary>How many events are waiting.</summary>
    public int PendingCount => _queue.Count;

    /// <summary>Adds an event; one that is due in the past happens now.</summary>
    public void Schedule(Instant due, in TEvent item) => _queue.Add(due < Now ? Now : due, item);

    /// <summary>Draws 64 bits.</summary>
    public ulong NextRandom() => _random.Next();

    /// <summary>Draws from [0, 1).</summary>
    public double NextDouble() => _random.NextDouble();

    /// <summary>Draws from 0 to <paramref name="bound"/> − 1.</summary>
    public int NextRandom(int bound) => _random.Next(bound);

    /// <summary>Lets the world run for a span of virtual time.</summary>
    public void Run(TimeSpan span)
    {
        var end = Now + span;
        while (_queue.NextDue <= end && _queue.Count > 0)
        {
            Step();
        }

        Now = end;
    }

    /// <summary>Lets the world run until a condition holds, which is looked at after each event.</summary>
    /// <param name="condition">What is waited for.</param>
    /// <param name="limit">The most virtual time that it may take.</param>
    /// <returns>True where the condition holds.</returns>
    public bool RunUntil(Func<bool> condition, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(condition);
        var end = Now + limit;
        while (!condition())
        {
            if (_queue.Count == 0 || _queue.NextDue > end)
            {
                Now = end;
                return condition();
            }

            Step();
        }

        return true;
    }

    private void Step()
    {
        var item = _queue.Take(out var due);
        Now = due;
        EventCount++;
        handle(item);
    }
}
