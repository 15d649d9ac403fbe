using System.Diagnostics;
using P2P.Pastry;

namespace QuickStart.Dashboard;

/// <summary>Takes the spans that nodes make of traced messages, one for each hop and one for the delivery, and tells of each.</summary>
internal sealed class HopWatch : IDisposable
{
    private readonly ActivitySource _source = new("QuickStart.Dashboard");
    private readonly ActivityListener _listener;
    private readonly Action<Hop> _take;

    public HopWatch(Action<Hop> take)
    {
        _take = take;
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source == _source || source.Name == PastryTelemetry.ActivitySourceName,

            // What starts here is traced; of the rest only what belongs to it.
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Source == _source || options.Parent.TraceFlags.HasFlag(ActivityTraceFlags.Recorded) ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = Take,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>Begins something whose messages are to be seen.</summary>
    /// <param name="what">What it is.</param>
    public Activity? Begin(string what) => _source.StartActivity(what);

    public void Dispose()
    {
        _listener.Dispose();
        _source.Dispose();
    }

    private void Take(Activity activity)
    {
        if (activity.Source != _source && activity.GetTagItem("p2p.pastry.node") is string node)
        {
            _take(new(activity.TraceId.ToString(), node, activity.GetTagItem("p2p.pastry.next_hop") as string, (int)(activity.GetTagItem("p2p.pastry.hops") ?? 0), activity.Status != ActivityStatusCode.Error));
        }
    }
}

/// <summary>Is one hop of a message, or its delivery.</summary>
/// <param name="Trace">Names the message.</param>
/// <param name="Node">The node's id.</param>
/// <param name="Next">To whom it went on; null where it was delivered.</param>
/// <param name="Number">How many hops it had made before.</param>
/// <param name="IsTaken">Whether the next one said that it has it.</param>
internal readonly record struct Hop(string Trace, string Node, string? Next, int Number, bool IsTaken);
