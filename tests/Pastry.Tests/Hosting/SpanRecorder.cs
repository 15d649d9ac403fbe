using System.Collections.Concurrent;
using System.Diagnostics;
using P2P.Pastry;

namespace Pastry.Tests.Hosting;

/// <summary>Keeps the spans of one trace, which it starts itself; those of other tests are none of its business.</summary>
internal sealed class SpanRecorder : IDisposable
{
    private readonly ActivityListener _listener;
    private readonly ConcurrentQueue<Activity> _spans = new();
    private readonly SemaphoreSlim _ended = new(0);

    public SpanRecorder()
    {
        Root = new Activity("test").SetIdFormat(ActivityIdFormat.W3C);
        Root.ActivityTraceFlags = ActivityTraceFlags.Recorded;
        var trace = Root.Start().TraceId;
        Activity.Current = null;
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == PastryTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> options) =>
                options.Parent.TraceId == trace ? ActivitySamplingResult.AllDataAndRecorded : ActivitySamplingResult.None,
            ActivityStopped = span =>
            {
                if (span.TraceId == trace)
                {
                    _spans.Enqueue(span);
                    _ended.Release();
                }
            },
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>What a test does its work under.</summary>
    public Activity Root { get; }

    /// <summary>The spans that have ended, in that order.</summary>
    public IReadOnlyList<Activity> Spans => [.. _spans];

    /// <summary>Waits until so many spans have ended, and takes them.</summary>
    public async Task<List<Activity>> TakeAsync(int count, CancellationToken cancellationToken)
    {
        for (var i = 0; i < count; i++)
        {
            await _ended.WaitAsync(cancellationToken);
        }

        var spans = new List<Activity>();
        while (_spans.TryDequeue(out var span))
        {
            spans.Add(span);
        }

        return spans;
    }

    public void Dispose()
    {
        _listener.Dispose();
        _ended.Dispose();
    }
}
