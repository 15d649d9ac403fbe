using P2P.Pastry.Transport;
using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>The side of the machine that applications see.</summary>
internal sealed partial class PastryMachine
{
    private readonly Dictionary<PastryApplicationId, ApplicationOverlay> _applications = [];
    private readonly Queue<Command> _commands = [];
    private HeaderExtension? _origin;
    private bool _isDeclined;

    /// <summary>Routes a message for an application from here, and names the trace that it belongs to, if there is one.</summary>
    public void Route(
        PastryApplicationId application, NodeId key, in Payload payload, RouteOptions options, Instant now, Outbox output, TraceContext? trace = null)
    {
        _state.BeginStep(now, output);
        _state.Trace = trace;
        if (!_state.HasLeft)
        {
            _router.Start(NewRouted(application, key, payload, options), firstHop: null, isOurs: false);
        }

        EndStep();
    }

    /// <summary>Sends a message for an application to one node.</summary>
    public void SendDirect(PastryApplicationId application, NodeHandle to, in Payload payload, Instant now, Outbox output)
    {
        _state.BeginStep(now, output);
        SendDirect(new Command(application, Key: null, to, _state.Payloads.Keep(payload)), to);
        EndStep();
    }

    /// <summary>Takes the transport's word that a direct message was not sent.</summary>
    public void NotSent(NodeHandle to, in Message message, SendStatus status, Instant now, Outbox output)
    {
        _state.BeginStep(now, output);
        if (!_state.HasLeft && _applications.TryGetValue(message.Application, out var overlay))
        {
            Call(overlay, (To: to, message.Payload, Status: status), static (application, lost, overlay) => application.NotSent(lost.To, lost.Payload, lost.Status, overlay));
        }

        EndStep();
    }

    /// <summary>Lists the live nodes closest to a key that this node knows of, closest first.</summary>
    public IReadOnlyList<NodeHandle> ReplicaSet(NodeId key, int max)
    {
        var isFull = LeafSet.IsFull;
        if (isFull && !LeafSet.Covers(key))
        {
            return [];
        }

        // Beyond the farthest members there may be nodes that are closer to the key than those on the other side.
        var reach = isFull ? UInt128.Min(LeafSet.Rightmost!.Id.DistanceTo(key), LeafSet.Leftmost!.Id.DistanceTo(key)) : UInt128.MaxValue;
        var closest = new ClosestNodes(key, Math.Min(max, LeafSet.Members.Length + 1));
        OfferWithin(reach, Self, key, ref closest);
        foreach (var node in LeafSet.Members)
        {
            OfferWithin(reach, node, key, ref closest);
        }

        return closest.Picked;
    }

    /// <summary>Hands an input to an application; what that routes in answer belongs to the input's trace, if there is one.</summary>
    public void Handle(PastryApplication application, object input, Instant now, Outbox output, TraceContext? trace = null)
    {
        _state.BeginStep(now, output);
        _state.Trace = trace;
        Call(_applications[application.Id], input, static (application, input, overlay) => application.Handle(input, overlay));
        EndStep();
    }

    public Passage PassThrough(ref Message message, NodeHandle? previousHop, ref NodeHandle? nextHop)
    {
        if (message.Kind == MessageKind.JoinRequest)
        {
            message = message with { Payload = Payload.FromContent(JoinRows.Add((JoinRequestBody)message.Payload.Content!, message.Hops, _state)) };
            return Passage.GoesOn;
        }

        if (!message.Kind.IsRoutedForApplication() || !_applications.TryGetValue(message.Application, out var overlay))
        {
            return Passage.GoesOn;
        }

        _isDeclined = false;
        var forwarded = new ForwardedMessage(message, previousHop, nextHop);
        try
        {
            if (!overlay.Application.Forward(ref forwarded, overlay))
            {
                return _isDeclined ? Passage.Lost : Passage.Taken;
            }
        }
        catch (Exception exception)
        {
            ReportFailure(overlay.Application, exception);
            return Passage.Lost;
        }

        nextHop = forwarded.NextHop?.Id == Self.Id ? null : forwarded.NextHop;
        message = message with { Payload = forwarded.Payload };
        return Passage.GoesOn;
    }

    public bool Arrived(in Message message)
    {
        if (message.Kind == MessageKind.JoinRequest)
        {
            ReplyToJoiner((JoinRequestBody)message.Payload.Content!);
            return true;
        }

        if (!message.Kind.IsRoutedForApplication() || !_applications.TryGetValue(message.Application, out var overlay))
        {
            _state.Counters.UnknownMessages++;
            return false;
        }

        _state.Counters.Delivered++;
        if (_state.Output.IsObserved)
        {
            _state.Output.Observe(new Observation { Kind = ObservationKind.Delivered, Message = message with { Payload = default } });
        }

        _isDeclined = false;
        return Call(overlay, new RoutedMessage(message), static (application, message, overlay) => application.Deliver(message, overlay)) && !_isDeclined;
    }

    public void NeighborChanged(NodeHandle node, NeighborChange change)
    {
        _state.Output.Perform(new NeighborUpdate(node, change));
        foreach (var overlay in _applications.Values)
        {
            Call(overlay, (Node: node, Change: change), static (application, update, overlay) => application.Update(update.Node, update.Change, overlay));
        }
    }

    private static void OfferWithin(UInt128 reach, NodeHandle node, NodeId key, ref ClosestNodes closest)
    {
        if (node.Id.DistanceTo(key) <= reach)
        {
            closest.Offer(node);
        }
    }

    private void ReceiveApplication(NodeHandle from, PastryApplicationId id, in Payload payload)
    {
        if (_applications.TryGetValue(id, out var overlay))
        {
            Call(overlay, (From: from, Payload: payload), static (application, message, overlay) => application.Receive(message.From, message.Payload, overlay));
        }
        else
        {
            _state.Counters.UnknownMessages++;
        }
    }

    private void NotifyReady(bool ready)
    {
        foreach (var overlay in _applications.Values)
        {
            Call(overlay, ready, static (application, ready, overlay) => application.ReadyChanged(ready, overlay));
        }
    }

    private void NotifyPeerDown(NodeHandle peer)
    {
        foreach (var overlay in _applications.Values)
        {
            Call(overlay, peer, static (application, peer, overlay) => application.PeerDown(peer, overlay));
        }
    }

    private void ExpireApplication(TimerKey timer)
    {
        if (!_state.HasLeft && _applications.TryGetValue(timer.Application, out var overlay))
        {
            Call(overlay, timer.Nonce, static (application, token, overlay) => application.Expire(token, overlay));
        }
    }

    private Message NewRouted(PastryApplicationId application, NodeId key, in Payload payload, RouteOptions options) => new()
    {
        Kind = options.HasFlag(RouteOptions.Prompt) ? MessageKind.PromptlyRouted : MessageKind.Routed,
        Application = application,
        Key = key,
        Payload = payload,
        Extension = ExtensionFor(options),
    };

    private HeaderExtension? ExtensionFor(RouteOptions options)
    {
        var namesOrigin = options.HasFlag(RouteOptions.WithOrigin);
        return _state.Trace is { } trace ? HeaderExtension.OfTrace(trace, namesOrigin ? Self : null)
            : namesOrigin ? _origin ??= HeaderExtension.OfOrigin(Self)
            : null;
    }

    /// <summary>Calls one of an application's handlers. One that fails loses what it was handling; the overlay's own step goes on to its end.</summary>
    /// <returns>False where it failed.</returns>
    private bool Call<T>(ApplicationOverlay overlay, in T argument, Action<PastryApplication, T, IOverlay> handler)
    {
        try
        {
            handler(overlay.Application, argument, overlay);
            return true;
        }
        catch (Exception exception)
        {
            ReportFailure(overlay.Application, exception);
            return false;
        }
    }

    private void ReportFailure(PastryApplication application, Exception exception) =>
        _state.Output.Perform(new ApplicationFailed(application, exception));

    private void RunCommands()
    {
        while (_commands.TryDequeue(out var command))
        {
            if (command.To is { } to && command.Key is null)
            {
                SendDirect(command, to);
            }
            else if (command.Number is { } number)
            {
                RouteConfirmed(command, number);
            }
            else if (_state.HasLeft)
            {
                _state.Payloads.GiveBack(command.Payload);
            }
            else if (command.Key is { } key)
            {
                _router.Start(NewRouted(command.Application, key, command.Payload, command.Options), command.To, isOurs: true);
            }
        }
    }

    private void SendDirect(in Command command, NodeHandle to)
    {
        if (to.Id == Self.Id)
        {
            ReceiveApplication(Self, command.Application, command.Payload);
            _state.Payloads.GiveBack(command.Payload);
            return;
        }

        _state.Counters.Sent(MessageKind.Direct);
        _state.Output.Send(to, new Message { Kind = MessageKind.Direct, Application = command.Application, Payload = command.Payload });
        _state.Payloads.GiveBack(command.Payload);
    }

    /// <summary>Is what a handler asked for, to be carried out after it; its payload is ours.</summary>
    private readonly record struct Command(PastryApplicationId Application, NodeId? Key, NodeHandle? To, Payload Payload, RouteOptions Options = RouteOptions.None, ulong? Number = null);
}
