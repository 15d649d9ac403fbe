using P2P.Pastry.Simulation;

namespace PaperFigures.Experiments.Caching;

/// <summary>Chooses the nodes from which clients issue their references: those of one log are near each other (PAST §5.2).</summary>
internal static class ClientPlaces
{
    /// <summary>Gives each client a node of its own as far as there are enough: for each log the nodes nearest to one drawn at random that no other log has.</summary>
    public static SimulatedNode[] Draw(PastrySimulation overlay, int clients, int logs, Random random)
    {
        var places = new SimulatedNode[clients];
        var free = overlay.Nodes.ToList();
        for (var log = 0; log < logs; log++)
        {
            var wanted = (clients - log + logs - 1) / logs;
            var centre = free[random.Next(free.Count)];
            SimulatedNode[] nearest = [.. free.OrderBy(node => overlay.Network.Topology.Delay(centre.Host, node.Host)).ThenBy(node => node.Host).Take(wanted)];
            for (var i = 0; i < wanted; i++)
            {
                places[log + logs * i] = nearest[i];
            }

            free.RemoveAll(new HashSet<SimulatedNode>(nearest).Contains);
        }

        return places;
    }
}
