using System.Security.Cryptography;

namespace P2P.Pastry.Simulation;

public sealed partial class PastrySimulation
{
    private SimulatedClock? _time;
    private Exception? _finding;
    private int _runningThread;

    /// <summary>The world's clock, for programs that wait: <c>await Task.Delay(span, simulation.Time)</c>.</summary>
    public TimeProvider Time => _time ??= new SimulatedClock(this, shell: null);

    /// <summary>
    /// Runs a program of users on the simulation's thread, in virtual time: what it awaits of modules, their stores and <see cref="Time"/>
    /// is completed by the world's events. It must not await what happens outside, such as threads, disks or the system's clock.
    /// </summary>
    /// <param name="program">The program.</param>
    /// <param name="limit">The most virtual time that it may take.</param>
    /// <exception cref="TimeoutException">The program has not ended within the limit.</exception>
    public void Run(Func<Task> program, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(program);
        RunToEnd(program, limit).GetAwaiter().GetResult();
    }

    /// <inheritdoc cref="Run(Func{Task}, TimeSpan)"/>
    /// <returns>What the program returned.</returns>
    public T Run<T>(Func<Task<T>> program, TimeSpan limit)
    {
        ArgumentNullException.ThrowIfNull(program);
        return ((Task<T>)RunToEnd(program, limit)).GetAwaiter().GetResult();
    }

    /// <summary>Makes a key from the world's seed, for simulated nodes and users: who knows the seed knows it.</summary>
    public SigningKey NextKey()
    {
        Span<byte> seed = stackalloc byte[2 * sizeof(ulong)];
        BitConverter.TryWriteBytes(seed, _kernel.NextRandom());
        BitConverter.TryWriteBytes(seed[sizeof(ulong)..], _kernel.NextRandom());
        return SigningKey.FromSecret(SHA256.HashData(seed));
    }

    /// <summary>Lets work of modules or users go on in an event of its own.</summary>
    internal void StartWork(TimeSpan after, Action action)
    {
        CheckThread();
        _kernel.Schedule(Now + after, new SimulatedEvent { Kind = EventKind.Work, Subject = action });
    }

    /// <summary>Takes note of how work ends: a failure that nobody handled is a finding, and ends the run.</summary>
    internal void Watch(Task work)
    {
        if (!work.IsCompletedSuccessfully)
        {
            _ = work.ContinueWith(
                ended => _finding ??= ended.Exception?.InnerException,
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously | TaskContinuationOptions.NotOnRanToCompletion,
                TaskScheduler.Default);
        }
    }

    /// <exception cref="InvalidOperationException">The caller has left the simulation's thread, and with it the order of events.</exception>
    internal void CheckThread()
    {
        if (_runningThread != 0 && _runningThread != Environment.CurrentManagedThreadId)
        {
            throw new InvalidOperationException(
                $"This came from another thread than the simulation's (seed {Seed}). Await only what modules, their stores and {nameof(PastrySimulation)}.{nameof(Time)} complete: no pool threads, no files, no timers of the system.");
        }
    }

    private Task RunToEnd(Func<Task> program, TimeSpan limit)
    {
        Task? running = null;
        StartWork(TimeSpan.Zero, () => running = program());
        return RunUntil(() => running is { IsCompleted: true }, limit)
            ? running!
            : throw new TimeoutException(
                $"The program has not ended within {limit} of virtual time (seed {Seed}). Does it wait for something that does not happen in the simulation?");
    }

    /// <summary>
    /// Makes the calling thread the world's. No context of synchronisation is there meanwhile: so whoever awaits goes on right where what it
    /// awaited was completed, and nothing slips away to other threads.
    /// </summary>
    private T OnThread<T>(Func<T> run)
    {
        if (_runningThread != 0)
        {
            throw new InvalidOperationException("The world runs already. Within it, wait by its clock: await Task.Delay(span, simulation.Time).");
        }

        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        _runningThread = Environment.CurrentManagedThreadId;
        try
        {
            var result = run();
            ThrowFinding();
            return result;
        }
        finally
        {
            _runningThread = 0;
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }

    private void ThrowFinding()
    {
        if (_finding is { } finding)
        {
            _finding = null;
            throw new InvalidOperationException($"Work of a module failed (seed {Seed}): {finding.Message}", finding);
        }
    }
}
