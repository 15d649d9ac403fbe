namespace P2P.Pastry.Simulation;

/// <summary>Is the clock of the world, or of one life of a node: its timers go off as events of the simulation, on its thread.</summary>
/// <param name="simulation">The world.</param>
/// <param name="shell">The life, which takes its timers with it and sleeps with the node; null for the world's clock.</param>
internal sealed class SimulatedClock(PastrySimulation simulation, SimulatedShell? shell) : TimeProvider
{
    /// <summary>The wall clock's time at the start of every world.</summary>
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override TimeZoneInfo LocalTimeZone => TimeZoneInfo.Utc;

    public override long GetTimestamp() => (shell?.Node.LocalNow ?? simulation.Now).Ticks;

    public override DateTimeOffset GetUtcNow() => Epoch + simulation.Now.SinceStart;

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        ArgumentNullException.ThrowIfNull(callback);
        var timer = new Timer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private void Schedule(TimeSpan after, Action action)
    {
        if (shell is null)
        {
            simulation.StartWork(after, action);
        }
        else
        {
            shell.Schedule(after, action);
        }
    }

    private sealed class Timer(SimulatedClock clock, TimerCallback callback, object? state) : ITimer
    {
        private int _setting;
        private bool _isDisposed;

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            if (_isDisposed)
            {
                return false;
            }

            Set(++_setting, dueTime, period);
            return true;
        }

        public void Dispose() => _isDisposed = true;

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }

        private void Set(int setting, TimeSpan due, TimeSpan period)
        {
            if (due == Timeout.InfiniteTimeSpan)
            {
                return;
            }

            clock.Schedule(due, () =>
            {
                // It may have been set anew since.
                if (_isDisposed || setting != _setting)
                {
                    return;
                }

                if (period > TimeSpan.Zero)
                {
                    Set(setting, period, period);
                }

                callback(state);
            });
        }
    }
}
