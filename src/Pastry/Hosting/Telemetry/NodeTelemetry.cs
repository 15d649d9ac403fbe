using System.Diagnostics.Metrics;
using P2P.Pastry.Protocol;
using P2P.Pastry.Wire;

namespace P2P.Pastry;

/// <summary>Shows what one node does to those who collect metrics and spans. Used by the node's loop alone.</summary>
internal sealed class NodeTelemetry : IDisposable
{
    private readonly PastryMetrics _metrics;
    private readonly NodeReadings _readings;
    private readonly MessageTracer _tracer;
    private readonly TimeProvider _time;

    public NodeTelemetry(PastryMachine machine, IMeterFactory? meters, int tracedPerSecondMax, TimeProvider time)
    {
        _metrics = PastryMetrics.Of(meters);
        _readings = new NodeReadings(machine);
        _tracer = new MessageTracer(machine.Self, tracedPerSecondMax);
        _time = time;
        _metrics.Add(_readings);
    }

    /// <summary>Tells whether anybody wants to know what becomes of single messages.</summary>
    public bool IsWanted => _metrics.IsRecorded || PastryTelemetry.Source.HasListeners();

    /// <summary>Takes what a step of the machine noted, before its messages are sent.</summary>
    /// <param name="observations">What it noted.</param>
    /// <param name="now">The node's clock.</param>
    /// <param name="stepBegan">When the step began, on the same clock.</param>
    public void Take(ReadOnlySpan<Observation> observations, Instant now, Instant stepBegan)
    {
        var began = _time.GetUtcNow() - (now - stepBegan);
        foreach (ref readonly var observation in observations)
        {
            _metrics.Record(observation);
            _tracer.Take(observation, now, began);
        }
    }

    /// <inheritdoc cref="MessageTracer.Stamp"/>
    public Message Stamp(in Message message) => _tracer.Stamp(message);

    /// <inheritdoc cref="NodeReadings.Refresh"/>
    public void Refresh() => _readings.Refresh();

    public void Dispose()
    {
        _tracer.End();
        _metrics.Remove(_readings);
    }
}
