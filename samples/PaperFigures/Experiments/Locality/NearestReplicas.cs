using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace PaperFigures.Experiments.Locality;

/// <summary>
/// Looks up things that the k nodes closest to their keys hold, and asks how near the holder was that the lookup reached first, compared
/// with the others.
/// </summary>
internal sealed class NearestReplicas(PastrySimulation simulation, int k)
{
    private static readonly PastryApplicationId LookupId = PastryApplicationId.FromName("paper-figures/replica");

    private readonly long[] _ranks = new long[k];
    private SimulatedNode? _asker;
    private RingOracle _oracle = null!;

    /// <summary>How many lookups reached a holder.</summary>
    public long Found => _ranks.Sum();

    /// <summary>Gives the fraction of lookups that reached one of the nearest holders.</summary>
    /// <param name="count">How many count as nearest: 1 for the nearest alone.</param>
    public double NearestFirst(int count) => (double)_ranks.Take(count).Sum() / Math.Max(1, Found);

    public IReadOnlyList<PastryApplication> NewApplications() => [new Lookup(this, k)];

    /// <summary>Runs lookups, one after the other, from random nodes for random keys.</summary>
    public void Run(int count)
    {
        _oracle = new RingOracle(simulation);
        SimulatedNode[] nodes = [.. simulation.ReadyNodes];
        for (var i = 0; i < count; i++)
        {
            _asker = nodes[simulation.NextRandom(nodes.Length)];
            _asker.Route(_asker.Applications[0], simulation.NextId());
            simulation.RunUntil(() => _asker is null, TimeSpan.FromMinutes(1));
        }
    }

    private void Reached(NodeHandle holder, NodeId key)
    {
        if (_asker is not { } asker)
        {
            return;
        }

        _asker = null;
        double[] delays = [.. _oracle.Closest(key, k).Select(node => Delay(asker, node))];
        var reached = Delay(asker, holder);
        _ranks[Math.Min(k - 1, delays.Count(delay => delay < reached))]++;
    }

    private double Delay(SimulatedNode from, NodeHandle to) =>
        simulation.Network.Topology.Delay(from.Host, simulation.Find(to.Id)!.Host).TotalSeconds;

    private sealed class Lookup(NearestReplicas replicas, int k) : PastryApplication(LookupId)
    {
        protected override bool Forward(ref ForwardedMessage message, IOverlay overlay)
        {
            // A replica is where the oracle says: a node that holds none has nothing to answer with.
            if (replicas._oracle.Closest(message.Key, k).Contains(overlay.Self))
            {
                replicas.Reached(overlay.Self, message.Key);
                return false;
            }

            if (message.NextHop is not null && overlay.NearestHolder(message.Key, k) is { } holder && holder.Id.IsCloserTo(message.Key, overlay.Self.Id))
            {
                message.NextHop = holder;
            }

            return true;
        }

        protected override void Deliver(in RoutedMessage message, IOverlay overlay) => replicas.Reached(overlay.Self, message.Key);
    }
}
