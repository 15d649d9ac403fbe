using P2P.Past.Wire;
using P2P.Pastry;

namespace Past.Tests.Cache;

/// <summary>Is the overlay of a node that knows nobody, and notes what is asked of it.</summary>
internal sealed class FakeOverlay(NodeHandle self) : IOverlay
{
    private ulong _random;

    public List<(NodeHandle To, PastMessage Message)> Sent { get; } = [];

    public List<PastMessage> Routed { get; } = [];

    public List<object> Effects { get; } = [];

    public List<(ulong Token, Instant Due)> Timers { get; } = [];

    public NodeHandle Self => self;

    public Instant Now { get; set; } = Instant.Zero + TimeSpan.FromHours(1);

    public bool IsReady { get; set; } = true;

    public void Route(NodeId key, in Payload payload, NodeHandle? firstHop = null, RouteOptions options = RouteOptions.None) => Routed.Add(PastFormat.Read(payload)!);

    public ConfirmationId RouteConfirmed(NodeId key, in Payload payload, NodeHandle? firstHop = null, RouteOptions options = RouteOptions.None) =>
        throw new NotSupportedException();

    public void Decline() => throw new NotSupportedException();

    public void Send(NodeHandle to, in Payload payload) => Sent.Add((to, PastFormat.Read(payload)!));

    public void SetTimer(ulong token, Instant due) => Timers.Add((token, due));

    public void Perform(object effect) => Effects.Add(effect);

    public ulong NextRandom() => ++_random * 2;

    public IReadOnlyList<NodeHandle> LocalLookup(NodeId key, int max, bool safe) => [];

    public TimeSpan? RoundTripTo(NodeHandle node) => null;

    public IReadOnlyList<NodeHandle> NeighborSet(int max) => [];

    public IReadOnlyList<NodeHandle> ReplicaSet(NodeId key, int max) => [];

    public NodeHandle? NearestHolder(NodeId key, int count) => null;

    public int CountCloser(NodeId key) => 0;

    public bool TryRange(NodeHandle node, int rank, out NodeId from, out NodeId to)
    {
        from = to = default;
        return false;
    }
}
