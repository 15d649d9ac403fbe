using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Finds room beyond a leaf set (PAST §3.5): who must make a replica, and whose neighbours have no room, asks the two most distant of them to look among
/// theirs. Each passes that on to its neighbour with the most room, and that one offers itself, for a while.
/// </summary>
internal sealed class RoomScout(IReplicaCatalog store, StorageReports reports, PastOptions options)
{
    /// <summary>How many offers are remembered, and how many of them to the same node: each takes about 100 bytes.</summary>
    private const int OffersMax = 4_096;

    private const int OffersToPeerMax = OffersMax / 16;

    private readonly TransferTable _offered = new(OffersMax, OffersToPeerMax, TimeSpan.FromMinutes(1));

    /// <summary>Asks the most distant neighbour on either side.</summary>
    /// <returns>False where the leaf set holds the whole ring: nobody is beyond it.</returns>
    public static bool TryAsk(StoreJob job, IOverlay overlay)
    {
        if (new RingDensity(overlay).IsWhole)
        {
            return false;
        }

        // The nearest come first.
        var self = overlay.Self.Id;
        var sides = overlay.NeighborSet(int.MaxValue).GroupBy(neighbor => self.ClockwiseTo(neighbor.Id) <= neighbor.Id.ClockwiseTo(self));
        var search = new RoomSearch(job.FileId, job.Certificate.ContentLength, overlay.Self);
        foreach (var side in sides)
        {
            overlay.Send(side.Last(), Payload.FromContent(search));
        }

        return true;
    }

    /// <summary>Passes on what a neighbour asks for itself; offers this node where a neighbour asks for another.</summary>
    public void OnSearch(NodeHandle from, RoomSearch search, IOverlay overlay)
    {
        if (!Neighbors.Contains(from, overlay))
        {
            return;
        }

        if (search.Steward.Id != from.Id)
        {
            Offer(search, overlay);
        }
        else if (ChooseBeyond(from, search, overlay) is { } neighbor)
        {
            overlay.Send(neighbor, Payload.FromContent(new RoomSearch(search.FileId, search.ContentLength, from)));
        }
    }

    /// <summary>Tells, once, whether this node has offered a node to hold a replica in its stead.</summary>
    public bool TryTakeOffer(NodeHandle steward, FileId fileId, IOverlay overlay) => _offered.Take(steward.Id, fileId, overlay.Now);

    private void Offer(RoomSearch search, IOverlay overlay)
    {
        var usage = store.Usage;
        if (options.DivertedPolicy.Accepts(search.ContentLength, usage.FreeBytes, usage.CapacityBytes)
            && !store.Contains(search.FileId) && !store.IsReclaimed(search.FileId))
        {
            _offered.Add(search.Steward.Id, search.FileId, overlay.Now);
            overlay.Send(search.Steward, Payload.FromContent(new RoomOffer(search.FileId)));
        }
    }

    /// <summary>Finds the neighbour with the most room that lies farther from a node than this one, so that the node does not see it itself.</summary>
    private NodeHandle? ChooseBeyond(NodeHandle node, RoomSearch search, IOverlay overlay)
    {
        var distance = overlay.Self.Id.DistanceTo(node.Id);
        var (best, most) = ((NodeHandle?)null, -1L);
        foreach (var neighbor in overlay.NeighborSet(int.MaxValue))
        {
            var (free, capacity) = reports.RoomOf(neighbor);
            if (free > most && neighbor.Id.DistanceTo(node.Id) > distance
                && options.DivertedPolicy.Accepts(search.ContentLength, free, capacity))
            {
                (best, most) = (neighbor, free);
            }
        }

        return best;
    }
}
