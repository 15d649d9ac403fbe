using P2P.Pastry;
using P2P.Pastry.Transport;
using P2P.Scribe.Protocol;

namespace P2P.Scribe.Simulation;

/// <summary>Is the machine of a simulated node, whose messages somebody else sees first: to count them, or to do wrong on purpose.</summary>
internal sealed class SimulatedMachine(ScribeOptions options) : ScribeMachine(options)
{
    private SimulatedOverlay? _overlay;

    /// <summary>What it does wrong.</summary>
    public Misbehavior Misbehavior { get; set; }

    /// <summary>What it has sent and got; null where nobody counts.</summary>
    public BatchCounts? Counts { get; init; }

    protected override bool Forward(ref ForwardedMessage message, IOverlay overlay) => base.Forward(ref message, Wrap(overlay));

    protected override void Deliver(in RoutedMessage message, IOverlay overlay) => base.Deliver(message, Wrap(overlay));

    protected override void Receive(NodeHandle from, in Payload payload, IOverlay overlay)
    {
        Counts?.Received(payload.Content);
        base.Receive(from, payload, Wrap(overlay));
    }

    protected override void Update(NodeHandle node, NeighborChange change, IOverlay overlay) => base.Update(node, change, Wrap(overlay));

    protected override void PeerDown(NodeHandle peer, IOverlay overlay) => base.PeerDown(peer, Wrap(overlay));

    protected override void NotSent(NodeHandle to, in Payload payload, SendStatus status, IOverlay overlay) => base.NotSent(to, payload, status, Wrap(overlay));

    protected override void ReadyChanged(bool ready, IOverlay overlay) => base.ReadyChanged(ready, Wrap(overlay));

    protected override void Expire(ulong token, IOverlay overlay) => base.Expire(token, Wrap(overlay));

    protected override void Handle(object input, IOverlay overlay) => base.Handle(input, Wrap(overlay));

    private SimulatedOverlay Wrap(IOverlay overlay) => _overlay ??= new SimulatedOverlay(overlay, this);
}
