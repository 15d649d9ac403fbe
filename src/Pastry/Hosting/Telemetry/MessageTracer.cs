using System.Diagnostics;
using P2P.Pastry.Protocol;
using P2P.Pastry.Wire;

namespace P2P.Pastry;

/// <summary>
/// Makes spans of what a node does with traced messages: one for each hop, from sending until the acknowledgement, and one for the delivery. A
/// hop's place in the trace travels on with the message, so that the next node's spans are its children.
/// </summary>
/// <remarks>
/// A span is made where the host's own listeners want it. At most <see cref="UnderwayMax"/> hops are open at a time; of more, none is made, and
/// the message goes on in the place of the trace where it was.
/// </remarks>
internal sealed class MessageTracer(NodeHandle self, int foreignPerSecond)
{
    private const int UnderwayMax = 1024;

    private readonly Dictionary<uint, Activity> _underway = [];
    private readonly TraceBudget _foreign = new(foreignPerSecond);

    /// <summary>Gives the place in a trace that a message which starts now belongs to, or null where nobody would see it.</summary>
    public static TraceContext? Current() =>
        PastryTelemetry.Source.HasListeners() && Activity.Current is { Recorded: true, IdFormat: ActivityIdFormat.W3C } current ? TraceContext.Of(current) : null;

    /// <summary>Takes what happened in a step of the node; told before the step's messages are sent.</summary>
    /// <param name="observation">What happened.</param>
    /// <param name="now">The node's clock.</param>
    /// <param name="stepBegan">When the step began.</param>
    public void Take(in Observation observation, Instant now, DateTimeOffset stepBegan)
    {
        switch (observation.Kind)
        {
            case ObservationKind.Sent:
                BeginHop(observation, now);
                break;
            case ObservationKind.Acknowledged:
                EndHop(observation.Message.Sequence, ActivityStatusCode.Ok);
                break;
            case ObservationKind.Lost:
                EndHop(observation.Message.Sequence, ActivityStatusCode.Error);
                break;
            case ObservationKind.Delivered:
                Deliver(observation, now, stepBegan);
                break;
            default:
                break;
        }
    }

    /// <summary>Puts the place of an open hop into the message that makes it.</summary>
    public Message Stamp(in Message message) =>
        _underway.Count > 0 && message.IsRouted && _underway.TryGetValue(message.Sequence, out var hop)
            ? message with { Extension = message.Extension!.WithTrace(TraceContext.Of(hop)) }
            : message;

    /// <summary>Ends what is open: the node stops.</summary>
    public void End()
    {
        foreach (var hop in _underway.Values)
        {
            Stop(hop);
        }

        _underway.Clear();
    }

    /// <summary>
    /// Starts a span that is a child of a place in a trace, and leaves the thread's own where it was. Where a listener fails, the message goes on without.
    /// </summary>
    public static Activity? Start(string name, ActivityKind kind, TraceContext parent, DateTimeOffset startTime = default)
    {
        var before = Activity.Current;
        try
        {
            return PastryTelemetry.Source.StartActivity(PastryTelemetry.Prefix + name, kind, parent.ToActivityContext(), startTime: startTime);
        }
        catch (Exception)
        {
            return null;
        }
        finally
        {
            Activity.Current = before;
        }
    }

    /// <summary>Ends a span, and leaves the thread's own where it was.</summary>
    public static void Stop(Activity activity)
    {
        var before = Activity.Current;
        try
        {
            activity.Stop();
        }
        catch (Exception)
        {
            // A listener failed; the node goes on.
        }
        finally
        {
            Activity.Current = before;
        }
    }

    private void BeginHop(in Observation observation, Instant now)
    {
        var message = observation.Message;
        if (_underway.Count >= UnderwayMax || Begin("hop", ActivityKind.Client, message, now) is not { } hop)
        {
            return;
        }

        hop.SetTag(PastryTelemetry.Prefix + "next_hop", observation.NextHop!.Id.ToString());
        hop.SetTag(PastryTelemetry.Prefix + "rule", NameOf(observation.Rule));
        hop.SetTag(PastryTelemetry.Prefix + "row", observation.Row);
        hop.SetTag(PastryTelemetry.Prefix + "attempt", observation.Attempt);
        EndHop(message.Sequence, ActivityStatusCode.Unset);
        _underway.Add(message.Sequence, hop);
    }

    private void EndHop(uint sequence, ActivityStatusCode status)
    {
        if (_underway.Remove(sequence, out var hop))
        {
            hop.SetStatus(status);
            Stop(hop);
        }
    }

    private void Deliver(in Observation observation, Instant now, DateTimeOffset stepBegan)
    {
        if (Begin("deliver", ActivityKind.Consumer, observation.Message, now, stepBegan) is { } delivery)
        {
            Stop(delivery);
        }
    }

    private Activity? Begin(string name, ActivityKind kind, in Message message, Instant now, DateTimeOffset startTime = default)
    {
        if (message.Extension?.Trace is not { IsSampled: true } trace || (message.Hops > 0 && !_foreign.TryTake(now)))
        {
            return null;
        }

        var activity = Start(name, kind, trace, startTime);
        activity?.SetTag(PastryTelemetry.Prefix + "node", self.Id.ToString());
        activity?.SetTag(PastryTelemetry.Prefix + "key", message.Key.ToString());
        activity?.SetTag(PastryTelemetry.Prefix + "application", message.Application.ToString());
        activity?.SetTag(PastryTelemetry.Prefix + "hops", (int)message.Hops);
        return activity;
    }

    private static string NameOf(RoutingRule rule) => rule switch
    {
        RoutingRule.LeafSet => "leaf_set",
        RoutingRule.Table => "table",
        _ => "closer",
    };
}
