using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>Gathers offers of replicas by who gets them, sends them together, and remembers for a while what has been offered to whom.</summary>
internal sealed class OfferDesk(PastOptions options, TimeSpan lifetime)
{
    /// <summary>How many transfers are remembered as offered, and how many of them to the same peer: each takes about 100 bytes.</summary>
    private const int OfferedMax = 65_536;

    private const int OfferedToPeerMax = OfferedMax / 4;

    private readonly TransferTable _offered = new(OfferedMax, OfferedToPeerMax, lifetime);
    private readonly Dictionary<NodeId, (NodeHandle To, List<StoredReplica> Replicas)> _offers = [];
    private bool _isPlanned;

    public void Add(NodeHandle to, in StoredReplica replica)
    {
        if (!_offers.TryGetValue(to.Id, out var offer))
        {
            _offers.Add(to.Id, offer = (to, []));
        }

        offer.Replicas.Add(replica);
    }

    /// <summary>Offers a replica to all of these but this node.</summary>
    public void AddAll(IReadOnlyList<NodeHandle> holders, in StoredReplica replica, IOverlay overlay)
    {
        for (var i = 0; i < holders.Count; i++)
        {
            if (holders[i].Id != overlay.Self.Id)
            {
                Add(holders[i], replica);
            }
        }
    }

    public void Send(IOverlay overlay)
    {
        _isPlanned = false;
        foreach (var (to, replicas) in _offers.Values)
        {
            foreach (var replica in replicas)
            {
                _offered.Add(to.Id, replica.FileId, overlay.Now);
            }

            foreach (var part in replicas.Chunk(PastFormat.OffersMax))
            {
                overlay.Send(to, Payload.FromContent(new ReplicaOffer(part)));
            }
        }

        _offers.Clear();
    }

    /// <summary>Sends a little later: files come many together, and so they are offered.</summary>
    public void SendLater(IOverlay overlay)
    {
        if (!_isPlanned)
        {
            _isPlanned = true;
            overlay.SetTimer(TimerTokens.MaintenanceOffers, overlay.Now + options.MaintenanceDelay);
        }
    }

    /// <summary>Tells, once, whether a replica has been offered to a node.</summary>
    public bool TryTake(NodeHandle to, FileId file, IOverlay overlay) => _offered.Take(to.Id, file, overlay.Now);
}
