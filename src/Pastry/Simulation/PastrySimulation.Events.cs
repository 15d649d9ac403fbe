using P2P.Pastry.Protocol;
using P2P.Pastry.Transport;
using P2P.Pastry.Wire;

namespace P2P.Pastry.Simulation;

public sealed partial class PastrySimulation
{
    private void Carry(SimulatedEvent item)
    {
        ThrowFinding();
        switch (item.Kind)
        {
            case EventKind.Action:
                ((Action)item.Subject!)();
                return;
            case EventKind.Work:
                Mix((ulong)Now.Ticks);
                Mix((ulong)EventKind.Work << 56);
                ((Action)item.Subject!)();
                return;
            default:
                break;
        }

        var node = item.Node!;
        if (!node.IsUp || node.Life != item.Life)
        {
            if (item.Kind == EventKind.Message && _options.ReportsPeerDown && _nodesById[((NodeHandle)item.Subject!).Id] is { } sender)
            {
                ReportDown(sender, node, item.Message.Kind == MessageKind.Direct ? item.Message : default);
            }

            return;
        }

        if (node.IsAsleep)
        {
            if (item.Kind == EventKind.Timer)
            {
                // It goes off when the node's own clock gets there, after the sleep.
                _kernel.Schedule(Now + TimeSpan.FromSeconds(1), item);
            }

            return;
        }

        var machine = node.Machine;
        var now = node.LocalNow;
        Note(item, node);
        switch (item.Kind)
        {
            case EventKind.Message:
                machine.Receive((NodeHandle)item.Subject!, item.Message, now, _outbox);
                break;
            case EventKind.Timer when now < item.Due:
                _kernel.Schedule(Now + (item.Due - now), item);
                break;
            case EventKind.Timer:
                machine.Expire(item.Timer, now, _outbox);
                break;
            case EventKind.Bootstrap:
                Bootstrap(node, item.Index, now);
                break;
            case EventKind.Proximity:
                machine.ProximityMeasured((NodeHandle)item.Subject!, item.Proximity, now, _outbox);
                break;
            case EventKind.PeerDown:
                PeerDown(node, (NodeHandle)item.Subject!, item.Message, now);
                break;
            default:
                break;
        }

        Drain(node);
    }

    /// <summary>Tells a node that another is down, and of the direct message by which that was found.</summary>
    private void PeerDown(SimulatedNode node, NodeHandle peer, in Message notSent, Instant now)
    {
        if (notSent.Kind == MessageKind.Direct)
        {
            node.Machine.NotSent(peer, notSent, SendStatus.Unreachable, now, _outbox);
            Drain(node);
        }

        node.Machine.PeerDown(peer, now, _outbox);
    }

    private void Bootstrap(SimulatedNode node, int index, Instant now)
    {
        var bootstrap = node.Bootstraps[index];
        if (bootstrap.IsUp && !bootstrap.IsAsleep && !Network.IsCut(node.Host, bootstrap.Host) && !Network.IsCut(bootstrap.Host, node.Host))
        {
            node.Machine.BootstrapResolved(index, bootstrap.Handle, now, _outbox);
        }
        else
        {
            node.Machine.BootstrapUnreachable(index, $"host-{bootstrap.Host} does not answer", now, _outbox);
        }
    }

    private void ReportDown(SimulatedNode sender, SimulatedNode gone, in Message notSent) =>
        _kernel.Schedule(
            Now + Network.Topology.Delay(gone.Host, sender.Host),
            new SimulatedEvent { Kind = EventKind.PeerDown, Node = sender, Life = sender.Life, Subject = gone.Handle, Message = notSent });

    private void Drain(SimulatedNode node)
    {
        foreach (ref readonly var outgoing in _outbox.Messages)
        {
            Send(node, outgoing.To, outgoing.Message);
        }

        foreach (ref readonly var timer in _outbox.Timers)
        {
            _kernel.Schedule(timer.Due - node.ClockOffset, SimulatedEvent.OfTimer(node, timer));
        }

        if (_outbox.Effects is [var only])
        {
            _outbox.Clear();
            Perform(node, only);
            return;
        }

        Effect[] effects = [.. _outbox.Effects];
        _outbox.Clear();
        foreach (var effect in effects)
        {
            Perform(node, effect);
        }
    }

    private void Send(SimulatedNode from, NodeHandle to, in Message message)
    {
        if (FindHost(to) is not { } receiver || !Network.TryTransit(from.Host, receiver.Host, out var transit))
        {
            return;
        }

        ScheduleArrival(from, receiver, message, transit);
        if (Network.IsDoubled())
        {
            ScheduleArrival(from, receiver, message, 2 * transit);
        }
    }

    /// <summary>Lets a message arrive. It is for one life of its receiver, but who dials an address gets whoever lives there now.</summary>
    private void ScheduleArrival(SimulatedNode from, SimulatedNode receiver, in Message message, TimeSpan after) =>
        _kernel.Schedule(Now + after, new SimulatedEvent
        {
            Kind = EventKind.Message,
            Node = receiver,
            Life = receiver.Life,
            Subject = from.Handle,
            Message = _options.ThroughCodec ? Recode(message) : message with { Payload = message.Payload.Keep() },
        });

    /// <summary>Finds who a handle means: where no hosts share a failure domain, that is the host's number.</summary>
    private SimulatedNode? FindHost(NodeHandle handle) =>
        handle.FailureDomain < (ulong)_nodes.Count && _nodes[(int)handle.FailureDomain] is var node && node.Handle.Id == handle.Id
            ? node
            : _nodesById.GetValueOrDefault(handle.Id);

    private Message Recode(in Message message)
    {
        _wire.ResetWrittenCount();
        MessageFormat.Write(_wire, message);
        return MessageFormat.TryRead(_wire.WrittenSpan.ToArray(), out var decoded)
            ? decoded
            : throw new InvalidOperationException($"A message of kind {message.Kind} can't be read back (seed {Seed}).");
    }

    private void Perform(SimulatedNode node, Effect effect)
    {
        _options.Trace?.Invoke($"{Now} {node.Handle.Id:s} {effect}");
        switch (effect)
        {
            case ResolveBootstrap resolve:
                var roundTrip = 2 * Network.Topology.Delay(node.Host, node.Bootstraps[resolve.Index].Host);
                _kernel.Schedule(Now + roundTrip, new SimulatedEvent { Kind = EventKind.Bootstrap, Node = node, Life = node.Life, Index = (byte)resolve.Index });
                break;
            case MeasureProximity measure:
                Measure(node, measure.Node);
                break;
            case ReadyChanged changed:
                node.Shell?.SetReady(changed.Ready);
                break;
            case NeighborUpdate update:
                node.Shell?.NeighborsChanged(update);
                break;
            case ApplicationEffect application:
                node.Shell?.Perform(application);
                break;
            case ApplicationFailed failed:
                // A live node goes on; here it is a finding.
                throw new InvalidOperationException($"A handler of {failed.Application.GetType().Name} failed (seed {Seed}).", failed.Exception);
            default:
                break;
        }
    }

    /// <summary>Lets a host echo another's call: no message of the protocol, but as far and as easily lost; it is given up like a probe.</summary>
    private void Measure(SimulatedNode node, NodeHandle target)
    {
        var (proximity, after) = (float.NaN, Options.ProbeTimeout);
        if (FindHost(target) is { IsUp: true, IsAsleep: false } host
            && Network.TryTransit(node.Host, host.Host, out var there) && Network.TryTransit(host.Host, node.Host, out var back))
        {
            host.EchoesSent++;
            after = there + back;
            proximity = (float)after.TotalMilliseconds;
        }

        _kernel.Schedule(Now + after, SimulatedEvent.OfProximity(node, target, proximity));
    }

    private void Note(in SimulatedEvent item, SimulatedNode node)
    {
        Mix((ulong)Now.Ticks);
        Mix(((ulong)item.Kind << 56) | ((ulong)item.Message.Kind << 48) | ((ulong)item.Index << 40) | (uint)node.Host);
        Mix((ulong)((item.Subject as NodeHandle)?.Id.Value ?? item.Message.Key.Value) ^ item.Message.Sequence);
        _options.Trace?.Invoke(item.Kind switch
        {
            EventKind.Message => $"{Now} {node.Handle.Id:s} <- {((NodeHandle)item.Subject!).Id:s} {item.Message.Kind}",
            EventKind.Timer => $"{Now} {node.Handle.Id:s} timer {item.Timer.Kind}",
            _ => $"{Now} {node.Handle.Id:s} {item.Kind}",
        });
    }

    private void Mix(ulong value) => _traceHash = (_traceHash ^ value) * 1099511628211;
}
