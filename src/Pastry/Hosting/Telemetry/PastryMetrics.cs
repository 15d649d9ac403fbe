using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using System.Text.Json;
using P2P.Pastry.Protocol;
using P2P.Pastry.Wire;

namespace P2P.Pastry;

/// <summary>
/// Reports what the nodes of a process do, through one meter. What nodes count and hold is read when somebody collects it, and costs the
/// nodes nothing; it is the sum over all of them, those that have stopped included where it is a count. Tags are from fixed lists, never an id
/// or an address.
/// </summary>
internal sealed class PastryMetrics
{
    private static readonly ConditionalWeakTable<Meter, PastryMetrics> OfMeters = [];
    private static readonly Meter ProcessMeter = new(PastryTelemetry.MeterName);

    private readonly Lock _gate = new();
    private readonly List<NodeReadings> _nodes = [];
    private readonly NodeCounters _ofStopped = new();
    private readonly Histogram<int> _hops;
    private readonly Histogram<double> _roundTrips;

    private PastryMetrics(Meter meter)
    {
        _hops = meter.CreateHistogram(
            PastryTelemetry.Prefix + "hops", "{hop}", "Hops that delivered messages made.", advice: Boundaries(0, 1, 2, 3, 4, 5, 6, 8, 12, 16, 32));
        _roundTrips = meter.CreateHistogram(
            PastryTelemetry.Prefix + "hop_round_trip", "s", "Time from sending a message to the next hop until its acknowledgement.",
            advice: Boundaries(0.0001, 0.0003, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3));

        Count("messages_delivered", "{message}", "Routed messages that were delivered here.", counters => counters.Delivered);
        Count("messages_forwarded", "{message}", "Routed messages that were sent to a next hop.", counters => counters.Forwarded);
        Count("hop_timeouts", "{hop}", "Next hops that did not acknowledge a message in time.", counters => counters.HopTimeouts);
        Count("nodes_suspected", "{node}", "Nodes that were passed over because they were silent.", counters => counters.Suspected);
        Count("nodes_found_dead", "{node}", "Nodes that were given up because they answered no probes.", counters => counters.FoundDead);
        CountEach("messages_sent", "{message}", "Messages sent, by what they do.", "kind", KindsSent());
        CountEach("messages_dropped", "{message}", "Messages given up, by why.", "reason",
        [
            ("underway", counters => counters.DroppedUnderway),
            ("waiting", counters => counters.DroppedWaiting),
            ("loop", counters => counters.DroppedLoops),
            ("unknown", counters => counters.UnknownMessages),
        ]);
        CountEach("messages_confirmed", "{message}", "Messages that started here and were to be confirmed, by what became of them.", "outcome",
        [
            ("taken", counters => counters.Confirmed),
            ("unconfirmed", counters => counters.Unconfirmed),
            ("not_started", counters => counters.NotStarted),
        ]);
        Count("messages_repeated", "{message}", "Messages that were sent once more since nobody had confirmed them.", counters => counters.Repeated);
        CountEach("joins", "{join}", "Attempts to become part of a ring, by how they ended.", "outcome",
        [
            ("joined", counters => counters.Joins),
            ("failed", counters => counters.JoinsFailed),
        ]);

        Show("nodes", "{node}", "Nodes that run in this process.", _ => 1);
        Show("nodes_ready", "{node}", "Nodes of this process that may deliver.", node => node.IsReady ? 1 : 0);
        Show("leaf_set_size", "{node}", "Members of the leaf sets.", node => node.LeafSetSize);
        Show("table_size", "{node}", "Entries of the routing tables.", node => node.TableSize);
        Show("messages_held", "{message}", "Messages that wait until they can go on.", node => node.Held);
        Show("messages_underway", "{message}", "Messages that wait for an acknowledgement.", node => node.Underway);
        Show("suspects", "{node}", "Nodes that are passed over now.", node => node.Suspects);

        static InstrumentAdvice<T> Boundaries<T>(params T[] boundaries)
            where T : struct => new() { HistogramBucketBoundaries = boundaries };

        void Count(string name, string unit, string description, Func<NodeCounters, long> read) =>
            meter.CreateObservableCounter(PastryTelemetry.Prefix + name, () => Total(read), unit, description);

        void CountEach(string name, string unit, string description, string tag, (string Value, Func<NodeCounters, long> Read)[] series)
        {
            var tagged = series.Select(one => (Tags: new KeyValuePair<string, object?>[] { new(tag, one.Value) }, one.Read)).ToArray();
            meter.CreateObservableCounter(
                PastryTelemetry.Prefix + name, () => tagged.Select(one => new Measurement<long>(Total(one.Read), one.Tags)), unit, description);
        }

        void Show(string name, string unit, string description, Func<NodeReadings, int> read) =>
            meter.CreateObservableUpDownCounter(PastryTelemetry.Prefix + name, () => Sum(read), unit, description);
    }

    /// <summary>Tells whether anybody collects what is recorded message by message.</summary>
    public bool IsRecorded => _hops.Enabled || _roundTrips.Enabled;

    /// <summary>Gives the metrics of a factory's meter, or those of the process.</summary>
    public static PastryMetrics Of(IMeterFactory? factory) =>
        OfMeters.GetValue(factory?.Create(new MeterOptions(PastryTelemetry.MeterName)) ?? ProcessMeter, meter => new PastryMetrics(meter));

    public void Add(NodeReadings node)
    {
        lock (_gate)
        {
            _nodes.Add(node);
        }
    }

    /// <summary>Takes a node out that has stopped; what it has counted stays.</summary>
    public void Remove(NodeReadings node)
    {
        lock (_gate)
        {
            if (_nodes.Remove(node))
            {
                _ofStopped.Add(node.Counters);
            }
        }
    }

    public void Record(in Observation observation)
    {
        switch (observation.Kind)
        {
            case ObservationKind.Acknowledged:
                _roundTrips.Record(observation.RoundTrip.TotalSeconds);
                break;
            case ObservationKind.Delivered:
                _hops.Record(observation.Message.Hops);
                break;
            default:
                break;
        }
    }

    private static (string Value, Func<NodeCounters, long> Read)[] KindsSent() =>
    [
        .. Enum.GetValues<MessageKind>().Select(kind =>
            (JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString()), (Func<NodeCounters, long>)(counters => counters.SentOf(kind)))),
    ];

    private long Total(Func<NodeCounters, long> read)
    {
        lock (_gate)
        {
            return _nodes.Sum(node => read(node.Counters)) + read(_ofStopped);
        }
    }

    private int Sum(Func<NodeReadings, int> read)
    {
        lock (_gate)
        {
            return _nodes.Sum(read);
        }
    }
}
