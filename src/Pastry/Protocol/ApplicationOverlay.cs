namespace P2P.Pastry.Protocol;

internal sealed partial class PastryMachine
{
    /// <summary>Is the overlay as one of the applications sees it: the same object in each of its handlers, and nobody else's.</summary>
    private sealed class ApplicationOverlay(PastryMachine machine, PastryApplication application) : IOverlay
    {
        public PastryApplication Application => application;

        public NodeHandle Self => machine.Self;

        public Instant Now => machine._state.Now;

        public bool IsReady => machine._leases.IsReady;

        public void Route(NodeId key, in Payload payload, NodeHandle? firstHop = null, RouteOptions options = RouteOptions.None)
        {
            payload.ThrowIfTooLong(nameof(payload));
            machine._commands.Enqueue(new Command(application.Id, key, firstHop, machine._state.Payloads.Keep(payload), options));
        }

        public ConfirmationId RouteConfirmed(NodeId key, in Payload payload, NodeHandle? firstHop = null, RouteOptions options = RouteOptions.None)
        {
            payload.ThrowIfTooLong(nameof(payload));
            var number = machine._state.NextSecret();
            machine._commands.Enqueue(new Command(application.Id, key, firstHop, machine._state.Payloads.Keep(payload), options, number));
            return new ConfirmationId(number);
        }

        public void Decline() => machine._isDeclined = true;

        public void Send(NodeHandle to, in Payload payload)
        {
            ArgumentNullException.ThrowIfNull(to);
            payload.ThrowIfTooLong(nameof(payload));
            machine._commands.Enqueue(new Command(application.Id, Key: null, to, machine._state.Payloads.Keep(payload)));
        }

        public void SetTimer(ulong token, Instant due) =>
            machine._state.Output.SetTimer(new TimerKey(TimerKind.Application, application.Id, token), due);

        public void Perform(object effect) => machine._state.Output.Perform(new ApplicationEffect(application, effect));

        public ulong NextRandom() => machine._state.Random.Next();

        public IReadOnlyList<NodeHandle> LocalLookup(NodeId key, int max, bool safe)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(max);
            var members = machine.LeafSet.Members;
            var best = new ClosestNodes(key, Math.Min(max, members.Length + (safe ? 0 : machine.Table.Count)));
            foreach (var node in members)
            {
                OfferIfUseful(node, key, ref best);
            }

            for (var row = 0; !safe && row < machine.Table.RowCount; row++)
            {
                foreach (ref readonly var cell in machine.Table.Cells(row))
                {
                    if (cell.Node is { } node)
                    {
                        OfferIfUseful(node, key, ref best);
                    }
                }
            }

            return best.Picked;
        }

        public TimeSpan? RoundTripTo(NodeHandle node)
        {
            ArgumentNullException.ThrowIfNull(node);
            var milliseconds = machine._state.RoundTripTo(node.Id);
            return float.IsNaN(milliseconds) ? null : TimeSpan.FromMilliseconds(milliseconds);
        }

        public IReadOnlyList<NodeHandle> NeighborSet(int max)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(max);
            var nearest = machine.LeafSet.ByNearness;
            return max >= nearest.Count ? nearest : [.. nearest.Take(max)];
        }

        public IReadOnlyList<NodeHandle> ReplicaSet(NodeId key, int max)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(max);
            return machine.ReplicaSet(key, max);
        }

        public NodeHandle? NearestHolder(NodeId key, int count)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
            return new HolderChoice(machine._state, key, count).Nearest();
        }

        public int CountCloser(NodeId key)
        {
            var closer = 0;
            foreach (var node in machine.LeafSet.Members)
            {
                if (node.Id.IsCloserTo(key, Self.Id))
                {
                    closer++;
                }
            }

            return closer;
        }

        public bool TryRange(NodeHandle node, int rank, out NodeId from, out NodeId to)
        {
            ArgumentNullException.ThrowIfNull(node);
            ArgumentOutOfRangeException.ThrowIfNegative(rank);
            from = to = default;
            if (rank >= machine.LeafSet.Members.Length && (node.Id == Self.Id || machine.LeafSet.Contains(node.Id)))
            {
                // Everyone is among the closest of every key, in a ring that is known whole.
                from = node.Id;
                to = new NodeId(unchecked(node.Id.Value - 1));
                return !machine.LeafSet.IsFull;
            }

            NodeHandle[] ring = [.. machine.LeafSet.Members, Self];
            Array.Sort(ring, (left, right) => machine.Origin.ClockwiseTo(left.Id).CompareTo(machine.Origin.ClockwiseTo(right.Id)));
            var place = Array.FindIndex(ring, member => member.Id == node.Id);
            if (place < 0)
            {
                return false;
            }

            // A node is among the rank + 1 closest of a key up to the middle between itself and the node rank + 1 places away.
            var reach = rank + 1;
            if (machine.LeafSet.IsFull && (place - reach < 0 || place + reach >= ring.Length))
            {
                return false;
            }

            var before = ring[(place - reach + ring.Length) % ring.Length].Id;
            var after = ring[(place + reach) % ring.Length].Id;
            // The key in the very middle belongs to the node clockwise of it.
            var gap = before.ClockwiseTo(node.Id);
            from = new NodeId(unchecked(before.Value + (gap - gap / 2)));
            to = new NodeId(unchecked(node.Id.Value + (node.Id.ClockwiseTo(after) - 1) / 2));
            return true;
        }

        /// <summary>Offers a node to which a message for the key may go next.</summary>
        private void OfferIfUseful(NodeHandle node, NodeId key, ref ClosestNodes best)
        {
            if (node.Id.IsCloserTo(key, Self.Id) && !machine._state.Suspects.Contains(node))
            {
                best.Offer(node);
            }
        }
    }

    /// <summary>The place opposite of this node or its leftmost member, from which the known ring is a line.</summary>
    private NodeId Origin => LeafSet.IsFull ? LeafSet.Leftmost!.Id : Self.Id;
}
