using System.Diagnostics.Metrics;

namespace P2P.Pastry.Tests.Transport;

/// <summary>Makes the meters of one transport and lets a test wait for what they count.</summary>
internal sealed class MeterRecorder : IMeterFactory
{
    private readonly Lock _gate = new();
    private readonly MeterListener _listener = new();
    private readonly Dictionary<string, long> _sums = [];
    private readonly List<(Func<bool> Condition, TaskCompletionSource Met)> _waiting = [];
    private readonly List<Meter> _meters = [];

    public MeterRecorder()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == this)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>(Record);
        _listener.Start();
    }

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(new MeterOptions(options.Name) { Scope = this });
        _meters.Add(meter);
        return meter;
    }

    /// <summary>Waits until the instrument (with a reason: "name/reason") stands at a sum.</summary>
    public Task StandsAtAsync(string name, long sum) => When(() => Sum(name) == sum);

    /// <summary>Waits until the instrument has counted at least once.</summary>
    public Task CountsAsync(string name) => When(() => Sum(name) > 0);

    /// <summary>
    /// Waits until two hosts have done all their writing, so that moving the clock doesn't make a write look as if it had taken that long.
    /// </summary>
    public static async Task QuietAsync(MeterRecorder one, MeterRecorder other)
    {
        await one.StandsAtAsync("bytes_out", other.Sum("bytes_in"));
        await other.StandsAtAsync("bytes_out", one.Sum("bytes_in"));
    }

    public long Sum(string name)
    {
        lock (_gate)
        {
            return _sums.GetValueOrDefault(name);
        }
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.ForEach(meter => meter.Dispose());
    }

    private Task When(Func<bool> condition)
    {
        lock (_gate)
        {
            if (condition())
            {
                return Task.CompletedTask;
            }

            var met = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((condition, met));
            return met.Task.WaitAsync(Patience.Long);
        }
    }

    private void Record(Instrument instrument, long value, ReadOnlySpan<KeyValuePair<string, object?>> tags, object? state)
    {
        var name = instrument.Name["p2p.pastry.transport.".Length..] + (tags.IsEmpty || tags[0].Key != "reason" ? "" : "/" + tags[0].Value);
        lock (_gate)
        {
            _sums[name] = _sums.GetValueOrDefault(name) + value;
            foreach (var (condition, met) in _waiting)
            {
                if (condition())
                {
                    met.TrySetResult();
                }
            }
        }
    }
}
