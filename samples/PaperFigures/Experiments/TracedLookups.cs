using System.Buffers.Binary;
using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace PaperFigures.Experiments;

/// <summary>Follows lookups from where they start to where they are delivered, while nodes come and go.</summary>
/// <param name="simulation">The overlay.</param>
/// <param name="live">Which nodes are up.</param>
/// <param name="options">How lookups are routed.</param>
/// <param name="areConfirmed">Whether they are confirmed end to end, and so repeated when they are lost.</param>
internal sealed class TracedLookups(PastrySimulation simulation, LiveNodes live, RouteOptions options = RouteOptions.None, bool areConfirmed = false)
{
    private readonly PastryApplicationId _id = PastryApplicationId.FromName($"paper-figures/lookup {options}");
    private readonly Dictionary<int, Pending> _pending = [];
    private readonly List<float> _stretches = [];
    private long _hops;
    private double _routed;
    private double _direct;

    public long Started { get; private set; }

    public long Delivered { get; private set; }

    /// <summary>How many were delivered at a node although a ready one was closer to the key then.</summary>
    public long Wrong { get; private set; }

    /// <summary>How many were delivered more than once.</summary>
    public long Doubled { get; private set; }

    public long Lost => Started - Delivered;

    public double MeanHops => (double)_hops / Math.Max(1, Delivered);

    /// <summary>
    /// The sum of the delays of the routes over the sum of the direct delays. It counts what a lookup waits for: until somebody may answer in a crashed
    /// node's place, its lease has to run out.
    /// </summary>
    public double Stretch => _routed / _direct;

    /// <summary>What half of the lookups do not exceed: how far messages travel, without the few that wait for leases.</summary>
    public double MedianStretch => _stretches.Count == 0 ? double.NaN : _stretches.Order().ElementAt(_stretches.Count / 2);

    public IReadOnlyList<PastryApplication> NewApplications() => [new Receiver(this, options)];

    /// <summary>Starts a lookup for a random key.</summary>
    /// <returns>The key.</returns>
    public NodeId Start(SimulatedNode from)
    {
        var number = (int)Started++;
        var payload = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(payload, number);
        _pending.Add(number, new Pending(from.Host, simulation.Now));
        var key = simulation.NextId();
        var application = from.Applications.Single(application => application.Id == _id);
        if (areConfirmed)
        {
            from.Post(application, new Lookup(key, Payload.FromBytes(payload)));
        }
        else
        {
            from.Route(application, key, Payload.FromBytes(payload), options);
        }

        return key;
    }

    private void Arrived(NodeHandle at, in RoutedMessage message)
    {
        var number = BinaryPrimitives.ReadInt32LittleEndian(message.Payload.Span);
        if (live.Root(message.Key) is { } root && root.Handle.Id.IsCloserTo(message.Key, at.Id))
        {
            Wrong++;
        }

        if (!_pending.Remove(number, out var pending))
        {
            Doubled++;
            return;
        }

        Delivered++;
        _hops += message.Hops;
        var host = simulation.Find(at.Id)!.Host;
        if (host != pending.Host)
        {
            var (routed, direct) = ((simulation.Now - pending.At).TotalSeconds, simulation.Network.Topology.Delay(pending.Host, host).TotalSeconds);
            _routed += routed;
            _direct += direct;
            _stretches.Add((float)(routed / direct));
        }
    }

    private readonly record struct Pending(int Host, Instant At);

    private sealed record Lookup(NodeId Key, Payload Payload);

    private sealed class Receiver(TracedLookups lookups, RouteOptions options) : PastryApplication(lookups._id)
    {
        protected override void Handle(object input, IOverlay overlay)
        {
            var lookup = (Lookup)input;
            overlay.RouteConfirmed(lookup.Key, lookup.Payload, firstHop: null, options);
        }

        protected override void Deliver(in RoutedMessage message, IOverlay overlay) => lookups.Arrived(overlay.Self, message);
    }
}
