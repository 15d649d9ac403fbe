using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>The side of the machine that decides who belongs to the ring.</summary>
internal sealed partial class PastryMachine
{
    public void Suspect(NodeHandle node)
    {
        // Of those that are in no table, nobody depends on a verdict.
        if (Known(node.Id) is { } known && known.Equals(node) && known.HasAddressesOf(node) && _state.Suspects.Add(known))
        {
            _state.Counters.Suspected++;
            Probe(known);
        }
    }

    public void Probe(NodeHandle node, NodeHandle? informant = null) => _probes.Start(node, informant);

    public void Bury(NodeHandle node, NeighborChange change)
    {
        // What others say of a node's later life says nothing of the one that is known.
        var isMember = LeafSet.Find(node.Id) is { } member && IsOver(member, node, change);
        var isEntry = Table.Find(node.Id) is { } entry && IsOver(entry, node, change);
        var hasSpoken = isMember || (isEntry && Table.HasSpoken(node.Id));
        _state.Suspects.Remove(node);
        _state.Obituaries.Add(node, CauseOf(change, hasSpoken), _state.Now);
        if (change != NeighborChange.Failed)
        {
            _state.LostPeers.Remove(node.Id);
            // What was promised to a node that has left, or to its earlier life, binds nobody.
            _leases.Release(node.Id);
        }
        else if (hasSpoken)
        {
            _reunion.Lost(node);
        }

        if (isEntry && Table.Remove(node.Id) is var row && hasSpoken)
        {
            _table.Repair(row);
        }

        if (isMember)
        {
            Remove(node, change);
        }
        else if (LeafSet.Find(node.Id) is { } earlier)
        {
            Probe(earlier);
        }

        if (isMember || isEntry)
        {
            _state.Neighborhood.Remove(node.Id);
            if (change == NeighborChange.Failed && hasSpoken)
            {
                _state.Counters.FoundDead++;
                _watch.NoteFailure();
                _state.Output.Perform(new PeerDeclaredDead(node));
            }
        }

        _router.Abandon(node);
        _router.RetryHeld();
        NotifyPeerDown(node);
    }

    /// <summary>A newcomer that is set to something else than the ring is told so at once: its digits and rows are others.</summary>
    private void ReceiveJoinRequest(NodeHandle from, in Message message, JoinRequestBody body)
    {
        if (body.Joiner.Id == Self.Id)
        {
            // An earlier life of this node may have asked; it is over, and this one asks for itself.
            _state.Send(from, MessageKind.Acknowledgement, message.Sequence);
            return;
        }

        var parameters = RingParameters.Of(_state.Options);
        if (body.Parameters == parameters)
        {
            _router.Receive(from, message);
            return;
        }

        _state.Send(from, MessageKind.Acknowledgement, message.Sequence);
        _state.Send(AsKnown(body.Joiner), MessageKind.JoinReply, sequence: 0, new JoinReplyBody([], [], [], body.Nonce, parameters));
    }

    /// <summary>A request is routed to the newcomer's own place, and its first hop is the newcomer's own word.</summary>
    private static bool IsOfJoiner(NodeHandle from, in Message message, JoinRequestBody body) =>
        body.Joiner.Id == message.Key && (message.Hops > 0 || body.Joiner.Equals(from));

    private void Remove(NodeHandle member, NeighborChange change)
    {
        var wasRingNeighbor = LeafSet.Left!.Id == member.Id || LeafSet.Right!.Id == member.Id;
        var failed = change == NeighborChange.Failed;
        LeafSet.Remove(member.Id);
        if (failed)
        {
            _leases.Outlive(member.Id);
            if (_state.IsJoined && LeafSet.Left is null)
            {
                _reunion.LostAll();
            }
        }

        NeighborChanged(member, change);
        LeafSetChanged();
        if (!_state.IsJoined)
        {
            return;
        }

        if (wasRingNeighbor && failed)
        {
            _leafSet.Announce();
        }

        _leafSet.AskForMissing();
    }

    public void LeafSetChanged()
    {
        if (LeafSet.Left is not null)
        {
            _reunion.Met();
        }

        _leases.LeafSetChanged();
        _router.RetryHeld();
    }

    public void ProbesSettled()
    {
        if (!_join.IsProbing || !_probes.IsIdle)
        {
            return;
        }

        if (LeafSet.Members.Length == 0)
        {
            _join.Fail("none of the nodes next to this one's place on the ring answered");
        }
        else if (!_leafSet.AskForMissing())
        {
            _join.Finish();
            BecomeJoined();
        }
    }

    public void Found(IReadOnlyList<NodeHandle> absent)
    {
        BecomeJoined();
        foreach (var node in absent)
        {
            _reunion.Lost(node);
        }

        if (absent.Count > 0)
        {
            _state.Output.Perform(new RingFounded(absent.Count));
        }
    }

    private void ReplyToJoiner(JoinRequestBody request)
    {
        NodeHandle[] leafSet = [Self, .. LeafSet.Members.Where(node => node.Id != request.Joiner.Id)];
        var reply = new JoinReplyBody(request.Rows, leafSet, request.Near, request.Nonce, RingParameters.Of(_state.Options));
        _state.Send(AsKnown(request.Joiner), MessageKind.JoinReply, sequence: 0, reply);
    }

    /// <summary>Gives what the tables hold of a node.</summary>
    private NodeHandle? Known(NodeId id) => LeafSet.Find(id) ?? Table.Find(id);

    /// <summary>Gives the handle of a node that has proven itself in place of one that is only claimed: nobody is led to false addresses of it.</summary>
    private NodeHandle AsKnown(NodeHandle claimed) =>
        (LeafSet.Find(claimed.Id) ?? (Table.HasSpoken(claimed.Id) ? Table.Find(claimed.Id) : null)) is { } known && known.Incarnation >= claimed.Incarnation ? known : claimed;

    private static Obituaries.Cause CauseOf(NeighborChange change, bool hasSpoken) =>
        change != NeighborChange.Failed ? Obituaries.Cause.Departed
        : hasSpoken ? Obituaries.Cause.Failed
        : Obituaries.Cause.NeverSpoke;

    private static bool IsOver(NodeHandle known, NodeHandle gone, NeighborChange change) =>
        change == NeighborChange.Failed ? known.Equals(gone) && known.HasAddressesOf(gone) : known.Incarnation <= gone.Incarnation;
}
