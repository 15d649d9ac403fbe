using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using P2P.Scribe.Protocol;

namespace P2P.Scribe;

/// <summary>
/// Reports what SCRIBE does on a process's nodes, through one meter. Counts and sizes are read when somebody collects them, and are sums over all nodes, those that
/// have stopped included where they are counts.
/// </summary>
internal sealed class ScribeMetrics
{
    private static readonly ConditionalWeakTable<Meter, ScribeMetrics> OfMeters = [];
    private static readonly Meter ProcessMeter = new(ScribeTelemetry.MeterName);

    private readonly Lock _gate = new();
    private readonly List<ScribeCounters> _nodes = [];
    private readonly ScribeCounters _stopped = new();

    private ScribeMetrics(Meter meter)
    {
        Depth = meter.CreateHistogram<int>(ScribeTelemetry.Prefix + "depth", "{hop}", "How far below its rendezvous point a node came to hang in a tree.");
        PublishDuration = meter.CreateHistogram<double>(ScribeTelemetry.Prefix + "publish_duration", "s", "From publishing an ordered message until its outcome.");
        Count("batches_delivered", "{batch}", "Batches given to members here.", node => node.Delivered);
        Count("batches_forwarded", "{batch}", "Batches sent on to neighbours in a tree.", node => node.Forwarded);
        Count("batch_bytes_forwarded", "By", "Bytes of the batches sent on to neighbours in a tree, with keys and signatures.", node => node.ForwardedBytes);
        Count("batches_replayed", "{batch}", "Batches sent once more to who had missed them.", node => node.Replayed);
        Count("replays_asked", "{request}", "Requests for missing batches.", node => node.ReplaysAsked);
        Count("batches_lost", "{batch}", "Ordered batches that members here were told are lost.", node => node.Lost);
        Count("batches_unwanted", "{message}", "Messages that nobody may send here, that were here already, or that can't be read.", node => node.Unwanted);
        Count("batches_forged", "{batch}", "Batches that their author has not signed, or may not publish.", node => node.Forged);
        Count("batches_dropped", "{batch}", "Batches for which there was no room.", node => node.Dropped);
        Count("publications_refused", "{batch}", "Publications, batches that crawl, and anycasts beyond what their group allows.", node => node.TooMany);
        Count("requests_refused", "{request}", "Requests to join or to begin groups that were not allowed, or for which a node had no room.", node => node.Denied + node.TooManyGroups);
        Show("groups", "{group}", "Trees in which nodes are.", node => node.Groups);
        Show("children", "{child}", "Children in all trees: the fan-out is this over the groups.", node => node.Children);
        Show("rendezvous_points", "{group}", "Groups whose rendezvous points are here.", node => node.Roots);

        void Count(string name, string unit, string description, Func<ScribeCounters, long> read) =>
            meter.CreateObservableCounter(ScribeTelemetry.Prefix + name, () => Total(read), unit, description);

        void Show(string name, string unit, string description, Func<ScribeCounters, long> read) =>
            meter.CreateObservableUpDownCounter(ScribeTelemetry.Prefix + name, () => Sum(read), unit, description);
    }

    public Histogram<int> Depth { get; }

    public Histogram<double> PublishDuration { get; }

    /// <summary>Gives the metrics of a factory's meter, or those of the process.</summary>
    public static ScribeMetrics Of(IMeterFactory? factory) =>
        OfMeters.GetValue(factory?.Create(new MeterOptions(ScribeTelemetry.MeterName)) ?? ProcessMeter, meter => new ScribeMetrics(meter));

    public void Add(ScribeCounters node)
    {
        lock (_gate)
        {
            _nodes.Add(node);
        }
    }

    /// <summary>Takes a node out that has stopped; what it has counted stays.</summary>
    public void Remove(ScribeCounters node)
    {
        lock (_gate)
        {
            if (_nodes.Remove(node))
            {
                _stopped.Add(node);
            }
        }
    }

    private long Total(Func<ScribeCounters, long> read)
    {
        lock (_gate)
        {
            return _nodes.Sum(read) + read(_stopped);
        }
    }

    private long Sum(Func<ScribeCounters, long> read)
    {
        lock (_gate)
        {
            return _nodes.Sum(read);
        }
    }
}
