using System.Diagnostics;
using P2P.Pastry.Wire;

namespace P2P.Pastry;

/// <summary>
/// Is the beginning of a traced message: the span from the moment at which somebody asked for it until the node has sent it on, which shows how
/// long it waited in the inbox.
/// </summary>
internal sealed class RouteTrace
{
    private readonly TraceContext _parent;
    private readonly DateTimeOffset _askedAt;
    private Activity? _route;

    private RouteTrace(TraceContext parent, DateTimeOffset askedAt)
    {
        _parent = parent;
        _askedAt = askedAt;
    }

    /// <summary>Notes under which span a message is asked for; null where none is kept, or nobody wants to see what follows.</summary>
    public static RouteTrace? Current(TimeProvider time) => MessageTracer.Current() is { } parent ? new RouteTrace(parent, time.GetUtcNow()) : null;

    /// <summary>Begins the span, and gives the place in the trace that the message starts from; null where the listeners have lost interest.</summary>
    public TraceContext? Begin(PastryApplicationId application, NodeId key)
    {
        _route = MessageTracer.Start("route", ActivityKind.Producer, _parent, _askedAt);
        _route?.SetTag(PastryTelemetry.Prefix + "key", key.ToString());
        _route?.SetTag(PastryTelemetry.Prefix + "application", application.ToString());
        return _route is { Recorded: true } ? TraceContext.Of(_route) : null;
    }

    public void End()
    {
        if (_route is not null)
        {
            MessageTracer.Stop(_route);
        }
    }
}
