using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Simulation;

/// <summary>Is the overlay as a simulated node's machine sees it: what it sends is counted, and left out or altered where the node does wrong.</summary>
internal sealed class SimulatedOverlay(IOverlay overlay, SimulatedMachine machine) : IOverlay
{
    public NodeHandle Self => overlay.Self;

    public Instant Now => overlay.Now;

    public bool IsReady => overlay.IsReady;

    public void Route(NodeId key, in Payload payload, NodeHandle? firstHop = null, RouteOptions options = RouteOptions.None) =>
        overlay.Route(key, payload, firstHop, options);

    public ConfirmationId RouteConfirmed(NodeId key, in Payload payload, NodeHandle? firstHop = null, RouteOptions options = RouteOptions.None) =>
        overlay.RouteConfirmed(key, payload, firstHop, options);

    public void Decline() => overlay.Decline();

    public void Send(NodeHandle to, in Payload payload)
    {
        if (machine.Misbehavior == Misbehavior.None)
        {
            machine.Counts?.Sent(overlay.Self, to, payload.Content);
            overlay.Send(to, payload);
        }
        else if (Spoil(payload.Content) is { } message)
        {
            machine.Counts?.Sent(overlay.Self, to, message);
            overlay.Send(to, Payload.FromContent(message));
        }
    }

    public void SetTimer(ulong token, Instant due) => overlay.SetTimer(token, due);

    public void Perform(object effect) => overlay.Perform(effect);

    public ulong NextRandom() => overlay.NextRandom();

    public IReadOnlyList<NodeHandle> LocalLookup(NodeId key, int max, bool safe) => overlay.LocalLookup(key, max, safe);

    public TimeSpan? RoundTripTo(NodeHandle node) => overlay.RoundTripTo(node);

    public IReadOnlyList<NodeHandle> NeighborSet(int max) => overlay.NeighborSet(max);

    public IReadOnlyList<NodeHandle> ReplicaSet(NodeId key, int max) => overlay.ReplicaSet(key, max);

    public NodeHandle? NearestHolder(NodeId key, int count) => overlay.NearestHolder(key, count);

    public int CountCloser(NodeId key) => overlay.CountCloser(key);

    public bool TryRange(NodeHandle node, int rank, out NodeId from, out NodeId to) => overlay.TryRange(node, rank, out from, out to);

    /// <summary>Makes of a message what the node sends instead; nothing where it is dropped.</summary>
    private PayloadContent? Spoil(PayloadContent? content) => content switch
    {
        BatchMessage { Kind: ScribeMessageKind.Batch or ScribeMessageKind.Witness } batch => machine.Misbehavior == Misbehavior.AltersBatches ? Alter(batch) : null,
        Heartbeat heartbeat when machine.Misbehavior == Misbehavior.DropsBatchesAndDigests => new Heartbeat(heartbeat.GroupCount, heartbeat.GroupHash, [], []),
        _ => content,
    };

    private static BatchMessage? Alter(BatchMessage message)
    {
        var bytes = message.Batch.Bytes.ToArray();
        bytes[message.Batch.LastContentIndex] ^= 1;
        return SignedBatch.TryRead(bytes, out var altered) ? new BatchMessage(message.Kind, altered, message.Position, message.EpochStart, message.IsReplay) : null;
    }
}
