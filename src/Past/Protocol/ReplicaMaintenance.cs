using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Keeps k replicas of each file on the k live nodes closest to its id (PAST §3.5): after a change of the leaf set, and in slow rounds, the
/// node goes through its replicas and offers each to the others that should hold it. It lets go of one that it should not hold any more
/// only when all k of these have said that they do.
/// </summary>
/// <remarks>
/// Of the holders, the one closest to the id offers to all others, and the others offer to it, so that offers do not multiply by k.
/// </remarks>
internal sealed class ReplicaMaintenance(IReplicaStore store, ReplicaDesk desk, PastOptions options)
{
    private const int PageLength = 512;
    private const int SurplusMax = 16_384;

    private readonly Dictionary<NodeId, Offer> _offers = [];
    private readonly Dictionary<FileId, Surplus> _surplus = [];
    private FileId? _cursor;
    private bool _isSweeping;
    private bool _sweepAgain;
    private bool _sendsOffersLater;
    private Instant _nextSweep = Instant.Never;

    /// <summary>Plans the slow rounds.</summary>
    public void Start(IOverlay overlay) => SweepAt(overlay.Now + options.MaintenanceDelay, overlay);

    /// <summary>Plans a round soon, since who should hold what may have changed.</summary>
    public void RingChanged(IOverlay overlay) => SweepAt(overlay.Now + options.MaintenanceDelay, overlay);

    public void Expire(IOverlay overlay)
    {
        if (overlay.Now < _nextSweep)
        {
            return;
        }

        _nextSweep = Instant.Never;
        if (_isSweeping)
        {
            _sweepAgain = true;
            return;
        }

        _isSweeping = true;
        _cursor = null;
        _surplus.Clear();
        NextPage(overlay);
    }

    public void OnDescribed(OfferedReplica[] replicas, IOverlay overlay)
    {
        foreach (var replica in replicas)
        {
            Consider(replica, overlay);
        }

        SendOffers(overlay);
        NextPage(overlay);
    }

    /// <summary>
    /// Speaks for a file that has just come, where this node is closest to it: the others have left that to this node since before it held
    /// the file, and no round of it may be due for long.
    /// </summary>
    public void OnRepaired(FileCertificate certificate, IOverlay overlay)
    {
        if (overlay.CountCloser(certificate.FileId.RoutingKey) == 0)
        {
            OfferToHolders(new OfferedReplica(certificate.FileId, certificate.ReplicaCount), overlay);
            SendOffersLater(overlay);
        }
    }

    /// <summary>
    /// Speaks for a file that the node closest to it did not hold, and perhaps has no room for.
    /// </summary>
    public void OnGiven(NodeHandle to, FileCertificate certificate, IOverlay overlay)
    {
        if (overlay.ReplicaSet(certificate.FileId.RoutingKey, max: 1) is [var closest] && closest.Id == to.Id)
        {
            OfferToHolders(new OfferedReplica(certificate.FileId, certificate.ReplicaCount), overlay);
            SendOffersLater(overlay);
        }
    }

    public void SendOffers(IOverlay overlay)
    {
        _sendsOffersLater = false;
        foreach (var offer in _offers.Values)
        {
            offer.Send(overlay);
        }

        _offers.Clear();
    }

    public void OnOffer(NodeHandle from, ReplicaOffer offer, IOverlay overlay)
    {
        var held = new List<FileId>();
        var wanted = new List<FileId>();
        foreach (var replica in offer.Replicas)
        {
            if (store.Contains(replica.FileId))
            {
                held.Add(replica.FileId);
            }
            else if (!desk.IsKeeping(replica.FileId) && desk.HasRoomToWait && ReplicaDesk.MayHold(replica.FileId, replica.ReplicaCount, overlay))
            {
                wanted.Add(replica.FileId);
            }
        }

        if (held.Count + wanted.Count > 0)
        {
            overlay.Send(from, Payload.FromContent(new ReplicaOfferReply([.. held], [.. wanted])));
        }
    }

    public void OnOfferReply(NodeHandle from, ReplicaOfferReply reply, IOverlay overlay)
    {
        foreach (var file in reply.Wanted)
        {
            if (store.Contains(file))
            {
                overlay.Perform(new ReadForReplica(from, file));
            }
        }

        foreach (var file in reply.Held)
        {
            if (_surplus.TryGetValue(file, out var surplus) && surplus.Confirm(from.Id))
            {
                _surplus.Remove(file);
                if (overlay.CountCloser(file.RoutingKey) >= surplus.ReplicaCount)
                {
                    overlay.Perform(new DropReplica(file));
                }
            }
        }
    }

    private void Consider(OfferedReplica replica, IOverlay overlay)
    {
        var key = replica.FileId.RoutingKey;
        var closer = overlay.CountCloser(key);
        if (closer > 0 && closer < replica.ReplicaCount)
        {
            // One holder speaks for all: the others tell only that one, in case it is new here.
            foreach (var closest in overlay.ReplicaSet(key, max: 1))
            {
                OfferTo(closest, replica);
            }

            return;
        }

        var holders = OfferToHolders(replica, overlay);
        if (closer > 0 && holders.Count == replica.ReplicaCount && _surplus.Count < SurplusMax)
        {
            _surplus[replica.FileId] = new Surplus(replica.ReplicaCount, holders);
        }
    }

    /// <returns>The nodes that should hold the file.</returns>
    private IReadOnlyList<NodeHandle> OfferToHolders(OfferedReplica replica, IOverlay overlay)
    {
        var holders = overlay.ReplicaSet(replica.FileId.RoutingKey, replica.ReplicaCount);
        foreach (var holder in holders)
        {
            if (holder.Id != overlay.Self.Id)
            {
                OfferTo(holder, replica);
            }
        }

        return holders;
    }

    private void OfferTo(NodeHandle holder, OfferedReplica replica)
    {
        if (!_offers.TryGetValue(holder.Id, out var offer))
        {
            _offers.Add(holder.Id, offer = new Offer(holder));
        }

        offer.Replicas.Add(replica);
    }

    private void SendOffersLater(IOverlay overlay)
    {
        if (!_sendsOffersLater)
        {
            // Files come many together, and so they are offered.
            _sendsOffersLater = true;
            overlay.SetTimer(TimerTokens.MaintenanceOffers, overlay.Now + options.MaintenanceDelay);
        }
    }

    private void NextPage(IOverlay overlay)
    {
        var page = new FileId[PageLength];
        var count = store.List(KeyRange.All, _cursor, page);
        if (count > 0)
        {
            _cursor = page[count - 1];
            overlay.Perform(new DescribeReplicas(page[..count]));
            return;
        }

        _isSweeping = false;
        var pause = _sweepAgain ? options.MaintenanceDelay : options.MaintenanceInterval;
        _sweepAgain = false;
        SweepAt(overlay.Now + pause, overlay);
    }

    private void SweepAt(Instant due, IOverlay overlay)
    {
        if (due < _nextSweep)
        {
            _nextSweep = due;
            overlay.SetTimer(TimerTokens.MaintenanceSweep, due);
        }
    }

    private sealed class Offer(NodeHandle to)
    {
        public List<OfferedReplica> Replicas { get; } = [];

        public void Send(IOverlay overlay)
        {
            foreach (var part in Replicas.Chunk(PastFormat.OffersMax))
            {
                overlay.Send(to, Payload.FromContent(new ReplicaOffer(part)));
            }
        }
    }

    private sealed class Surplus(int replicaCount, IEnumerable<NodeHandle> holders)
    {
        private readonly HashSet<NodeId> _missing = [.. holders.Select(holder => holder.Id)];

        public int ReplicaCount { get; } = replicaCount;

        /// <summary>Notes that a node holds the file; true where now all do.</summary>
        public bool Confirm(NodeId holder) => _missing.Remove(holder) && _missing.Count == 0;
    }
}
