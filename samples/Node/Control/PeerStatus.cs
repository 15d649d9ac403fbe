using P2P.Pastry;

namespace NodeSample.Control;

/// <summary>Shows another node as far as it is known.</summary>
/// <param name="Id">Who it is.</param>
/// <param name="Address">Where it is reached.</param>
/// <param name="RoundTripMs">The mean round trip, where one was measured.</param>
/// <param name="SilentSeconds">How long ago it spoke, where it ever did.</param>
/// <param name="Suspected">Whether it is passed over, since it was silent.</param>
internal sealed record PeerStatus(string Id, string Address, double? RoundTripMs, double? SilentSeconds, bool Suspected)
{
    public static PeerStatus Of(PeerSnapshot peer, Instant now) => new(
        peer.Node.Id.ToString(),
        peer.Node.Address.ToString(),
        peer.RoundTrip?.TotalMilliseconds,
        peer.HeardAt is { } heard ? Math.Floor((now - heard).TotalSeconds) : null,
        peer.IsSuspected);
}

/// <summary>Shows a row of the routing table.</summary>
/// <param name="Row">How many digits its nodes share with the node's own id.</param>
/// <param name="Nodes">Its nodes, by their next digit.</param>
internal sealed record TableRowStatus(int Row, PeerStatus[] Nodes);
