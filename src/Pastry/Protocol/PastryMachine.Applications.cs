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
            try
            {
                overlay.Application.NotSent(to, message.Payload, status, overlay);
            }
            catch (Exception exception)
            {
                ReportFailure(overlay.Application, exception);
            }
        }

        EndStep();
    }

    /// <summary>Lists the live nodes closest to a key that this node knows of, closest first.</summary>
    public IReadOnlyList<NodeHandle> ReplicaSet(NodeId key, int max)
    {
        var closest = new List<NodeHandle>(LeafSet.Members.Length + 1) { Self };
        closest.AddRange(LeafSet.Members);
        closest.Sort(Closeness.To(key));
        if (LeafSet.IsFull)
        {
            // Beyond the farthest members there may be nodes that are closer to the key than those on the other side.
            var reach = UInt128.Min(
                LeafSet.Rightmost!.Id.DistanceTo(key),
                LeafSet.Leftmost!.Id.DistanceTo(key));
            closest.RemoveAll(node => !LeafSet.Covers(key) || node.Id.DistanceTo(key) > reach);
        }

        return closest.Count <= max ? closest : closest[..max];
    }

    /// <summary>Hands an input to an application; what that routes in answer belongs to the input's trace, if there is one.</summary>
    public void Handle(PastryApplication application, object input, Instant now, Outbox output, TraceContext? trace = null)
    {
        _state.BeginStep(now, output);
        _state.Trace = trace;
        try
        {
            application.Handle(input, _applications[application.Id]);
        }
        catch (Exception exception)
        {
            ReportFailure(application, exception);
        }

        EndStep();
    }

    public Passage PassThrough(ref Message message, NodeHandle? previousHop, ref NodeHandle? nextHop)
    {
        if (message.Kind == MessageKind.JoinRequest)
        {
            message = message with { Payload = Payload.FromContent(Enrich((JoinRequestBody)message.Payload.Content!, message.Hops)) };
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
            var body = (JoinRequestBody)message.Payload.Content!;
            NodeHandle[] leafSet = [Self, .. LeafSet.Members.Where(node => node.Id != body.Joiner.Id)];
            var reply = new JoinReplyBody(body.Rows, leafSet, body.Near, body.Nonce, RingParameters.Of(_state.Options));
            _state.Send(AsKnown(body.Joiner), MessageKind.JoinReply, sequence: 0, reply);
            return true;
        }

        if (!message.Kind.IsRoutedForApplication())
        {
            _state.Counters.UnknownMessages++;
            return false;
        }

        if (!_applications.TryGetValue(message.Application, out var overlay))
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
        try
        {
            overlay.Application.Deliver(new RoutedMessage(message), overlay);
        }
        catch (Exception exception)
        {
            ReportFailure(overlay.Application, exception);
            return false;
        }

        return !_isDeclined;
    }

    public void NeighborChanged(NodeHandle node, NeighborChange change)
    {
        _state.Output.Perform(new NeighborUpdate(node, change));
        foreach (var overlay in _applications.Values)
        {
            try
            {
                overlay.Application.Update(node, change, overlay);
            }
            catch (Exception exception)
            {
                ReportFailure(overlay.Application, exception);
            }
        }
    }

    /// <summary>§2.4: each node on the way gives the rows that the newcomer does not have yet and that suit it.</summary>
    private JoinRequestBody Enrich(JoinRequestBody request, int hops)
    {
        var shared = Self.Id.SharedDigits(request.Joiner.Id, _state.Options.BitsPerDigit);
        var given = request.Rows.Length == 0 ? 0 : request.Rows[^1].Number + 1;
        var rows = new List<TableRow>(request.Rows);
        var room = Limits.RowsLength - request.Rows.Sum(row => row.EncodedLength);
        for (var row = given; row <= Math.Min(shared, Limits.Rows - 1); row++)
        {
            NodeHandle[] nodes = row == shared ? [Self, .. Table.Row(row)] : Table.Row(row);
            var entry = new TableRow(row, nodes);
            room -= entry.EncodedLength;
            if (nodes.Length > 0 && room >= 0)
            {
                rows.Add(entry);
            }
        }

        if (given > shared && rows.Count > 0)
        {
            // A leaf-set hop need not share more digits than the one before; its own handle is worth having all the same.
            rows[^1] = rows[^1] with { Nodes = [.. rows[^1].Nodes.Take(Limits.HandlesPerRow - 1), Self] };
        }

        NodeHandle[] near = hops <= 1 && request.Near.Length == 0 ? [Self, .. Neighborhood.Members[..Math.Min(Neighborhood.Members.Length, Limits.NearMax)]] : request.Near;
        return new JoinRequestBody(request.Joiner, [.. rows], near, request.Nonce, request.Parameters);
    }

    private void ReceiveApplication(NodeHandle from, PastryApplicationId id, in Payload payload)
    {
        if (_applications.TryGetValue(id, out var overlay))
        {
            try
            {
                overlay.Application.Receive(from, payload, overlay);
            }
            catch (Exception exception)
            {
                ReportFailure(overlay.Application, exception);
            }
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
            try
            {
                overlay.Application.ReadyChanged(ready, overlay);
            }
            catch (Exception exception)
            {
                ReportFailure(overlay.Application, exception);
            }
        }
    }

    private void NotifyPeerDown(NodeHandle peer)
    {
        foreach (var overlay in _applications.Values)
        {
            try
            {
                overlay.Application.PeerDown(peer, overlay);
            }
            catch (Exception exception)
            {
                ReportFailure(overlay.Application, exception);
            }
        }
    }

    private void ExpireApplication(TimerKey timer)
    {
        if (!_state.HasLeft && _applications.TryGetValue(timer.Application, out var overlay))
        {
            try
            {
                overlay.Application.Expire(timer.Nonce, overlay);
            }
            catch (Exception exception)
            {
                ReportFailure(overlay.Application, exception);
            }
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

    /// <summary>An application that fails loses what it was handling; the overlay's own step goes on to its end.</summary>
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
