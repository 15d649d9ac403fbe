using P2P.Pastry.Protocol;
using P2P.Pastry.Wire;

namespace P2P.Pastry;

/// <summary>Is something that waits in a node's inbox to be given to its machine.</summary>
internal abstract class NodeInput
{
    public abstract void Apply(PastryMachine machine, Instant now, Outbox output);

    /// <summary>Is called when everything that the machine wanted done in answer has been handed over.</summary>
    public virtual void CarriedOut()
    {
    }

    /// <summary>Is called in place of <see cref="Apply"/> when the node has ended before it came to this input.</summary>
    public virtual void Abandon(PastryException ended)
    {
    }
}

/// <summary>Wakes the loop: a timer may be due.</summary>
internal sealed class Tick : NodeInput
{
    public static readonly Tick Instance = new();

    public override void Apply(PastryMachine machine, Instant now, Outbox output)
    {
    }
}

internal sealed class JoinInput(int bootstrapCount, IReadOnlyList<NodeHandle> remembered) : NodeInput
{
    public override void Apply(PastryMachine machine, Instant now, Outbox output) => machine.Join(bootstrapCount, remembered, now, output);
}

internal sealed class BootstrapResolvedInput(int index, NodeHandle bootstrap) : NodeInput
{
    public override void Apply(PastryMachine machine, Instant now, Outbox output) => machine.BootstrapResolved(index, bootstrap, now, output);
}

internal sealed class BootstrapUnreachableInput(int index, string reason) : NodeInput
{
    public override void Apply(PastryMachine machine, Instant now, Outbox output) => machine.BootstrapUnreachable(index, reason, now, output);
}

internal sealed class BootstrapRefusedInput(int index, string reason) : NodeInput
{
    public override void Apply(PastryMachine machine, Instant now, Outbox output) => machine.BootstrapRefused(index, reason, now, output);
}

internal sealed class ProximityMeasuredInput(NodeHandle node, TimeSpan? proximity) : NodeInput
{
    public override void Apply(PastryMachine machine, Instant now, Outbox output) =>
        machine.ProximityMeasured(node, proximity is { } span && span > TimeSpan.Zero ? (float)span.TotalMilliseconds : float.NaN, now, output);
}

internal sealed class PeerDownInput(NodeHandle peer) : NodeInput
{
    public override void Apply(PastryMachine machine, Instant now, Outbox output) => machine.PeerDown(peer, now, output);
}

/// <summary>Tells the transport whom the node needs by now.</summary>
internal sealed class FavorInput(Action<PastryMachine> favor) : NodeInput
{
    public override void Apply(PastryMachine machine, Instant now, Outbox output) => favor(machine);
}

internal sealed class ResumeInput : NodeInput
{
    public static readonly ResumeInput Instance = new();

    public override void Apply(PastryMachine machine, Instant now, Outbox output) => machine.Resume(now, output);
}

internal sealed class RouteInput(PastryApplicationId application, NodeId key, Payload payload, RouteOptions options, RouteTrace? trace) : NodeInput
{
    public override void Apply(PastryMachine machine, Instant now, Outbox output) =>
        machine.Route(application, key, payload, options, now, output, trace?.Begin(application, key));

    public override void CarriedOut() => trace?.End();
}

internal sealed class SendInput(PastryApplicationId application, NodeHandle to, Payload payload) : NodeInput
{
    public override void Apply(PastryMachine machine, Instant now, Outbox output) => machine.SendDirect(application, to, payload, now, output);
}

internal sealed class ApplicationInput(PastryApplication application, object input, TraceContext? trace) : NodeInput
{
    public override void Apply(PastryMachine machine, Instant now, Outbox output) => machine.Handle(application, input, now, output, trace);
}

internal sealed class LeaveInput(TaskCompletionSource left) : NodeInput
{
    public override void Apply(PastryMachine machine, Instant now, Outbox output) => machine.Leave(now, output);

    // Not before: whoever waits takes the node off its transport next, which would refuse the farewells.
    public override void CarriedOut() => left.TrySetResult();

    public override void Abandon(PastryException ended) => left.TrySetResult();
}

internal sealed class QueryInput<T>(Func<PastryMachine, Instant, T> query, TaskCompletionSource<T> answer) : NodeInput
{
    public override void Apply(PastryMachine machine, Instant now, Outbox output)
    {
        try
        {
            answer.TrySetResult(query(machine, now));
        }
        catch (Exception exception)
        {
            answer.TrySetException(exception);
        }
    }

    public override void Abandon(PastryException ended) => answer.TrySetException(ended);
}
