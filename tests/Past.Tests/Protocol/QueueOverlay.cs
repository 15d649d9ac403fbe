using P2P.Past.Protocol;
using P2P.Pastry;

namespace Past.Tests.Protocol;

/// <summary>Is an overlay without nodes, for machines that only perform effects and set timers.</summary>
internal sealed class QueueOverlay : IOverlay
{
    public List<PastEffect> Effects { get; } = [];

    public Instant Due { get; private set; } = Instant.Never;

    public NodeHandle Self { get; } = new(NodeId.FromText("self"), 1, [new NodeAddress("192.0.2.1", 4000)]);

    public Instant Now { get; set; } = Instant.Zero + TimeSpan.FromHours(1);

    public bool IsReady => true;

    public void Perform(object effect) => Effects.Add((PastEffect)effect);

    public void SetTimer(ulong token, Instant due) => Due = due;

    /// <summary>Takes the files that have been asked to be read, and for whom, since the last call.</summary>
    public (string To, P2P.Past.FileId File)[] TakeReads()
    {
        (string, P2P.Past.FileId)[] reads = [.. Effects.OfType<ReadReplica>().Select(read => (read.To.Addresses[0].Host, read.FileId))];
        Effects.RemoveAll(effect => effect is ReadReplica);
        return reads;
    }

    public void Route(NodeId key, in Payload payload, NodeHandle? firstHop = null, RouteOptions options = RouteOptions.None) => throw Unused();

    public ConfirmationId RouteConfirmed(NodeId key, in Payload payload, NodeHandle? firstHop = null, RouteOptions options = RouteOptions.None) => throw Unused();

    public void Decline() => throw Unused();

    public void Send(NodeHandle to, in Payload payload) => throw Unused();

    public ulong NextRandom() => throw Unused();

    public IReadOnlyList<NodeHandle> LocalLookup(NodeId key, int max, bool safe) => throw Unused();

    public TimeSpan? RoundTripTo(NodeHandle node) => throw Unused();

    public IReadOnlyList<NodeHandle> NeighborSet(int max) => throw Unused();

    public IReadOnlyList<NodeHandle> ReplicaSet(NodeId key, int max) => throw Unused();

    public NodeHandle? NearestHolder(NodeId key, int count) => throw Unused();

    public int CountCloser(NodeId key) => throw Unused();

    public bool TryRange(NodeHandle node, int rank, out NodeId from, out NodeId to) => throw Unused();

    private static InvalidOperationException Unused() => new("There are no other nodes.");
}
