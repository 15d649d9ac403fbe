using System.Runtime.InteropServices;
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
internal sealed class ReplicaMaintenance(IReplicaCatalog store, ReplicaDesk desk, ReplicaSets sets, ReplicaPointers pointers, PointerKeeper keeper, PastOptions options)
{
    private const int PageLength = 512;
    private const int SurplusMax = 16_384;

    /// <summary>How many transfers are remembered as offered, and how many of them to the same peer: each takes about 100 bytes.</summary>
    private const int OfferedMax = 65_536;

    private const int OfferedToPeerMax = OfferedMax / 4;

    /// <summary>How many nodes next to an id may ask for a file unoffered, as one does whose replica turned out to be damaged.</summary>
    private const int NeighborsMax = LookupAbsent.CandidatesMax;

    /// <summary>How long a transfer may wait for its turn on either side.</summary>
    private static readonly TimeSpan TransferLifetime = TimeSpan.FromMinutes(5);

    private static readonly TimeSpan PageInterval = TimeSpan.FromMilliseconds(10);

    private readonly TransferTable _offered = new(OfferedMax, OfferedToPeerMax, TransferLifetime);

    /// <summary>No more is asked for than may wait, in all and of one peer, so that nothing that was asked for has to be forgotten.</summary>
    private readonly TransferTable _wanted = new(options.TransferQueueMax, options.TransferQueueMax, TransferLifetime);

    private readonly Dictionary<NodeId, Offer> _offers = [];
    private readonly Dictionary<FileId, Surplus> _surplus = [];
    private Queue<FileId> _pointers = [];
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

        overlay.Perform(new ForgetReclaimed());
        _isSweeping = true;
        _cursor = null;
        _pointers = new Queue<FileId>(pointers.ToArray());
        _surplus.Clear();
        NextPage(overlay);
    }

    /// <summary>Goes through one page of replicas, and plans the next: the node does other things between two pages.</summary>
    public void NextPage(IOverlay overlay)
    {
        var page = new StoredReplica[PageLength];
        var count = store.List(KeyRange.All, _cursor, page);
        if (count == 0)
        {
            NextPointers(overlay);
            return;
        }

        var arcs = new HolderArcs(sets, overlay);
        foreach (var replica in page.AsSpan(0, count))
        {
            Consider(replica, arcs, overlay);
        }

        _cursor = page[count - 1].FileId;
        SendOffers(overlay);
        overlay.SetTimer(TimerTokens.MaintenancePage, overlay.Now + PageInterval);
    }

    /// <summary>
    /// Speaks for a file that has just come, where this node is closest to it: the others have left that to this node since before it held
    /// the file, and no round of it may be due for long.
    /// </summary>
    public void OnRepaired(FileCertificate certificate, IOverlay overlay)
    {
        if (sets.CountCloser(certificate.FileId.RoutingKey, overlay) == 0)
        {
            OfferToHolders(new StoredReplica(certificate.FileId, certificate.ReplicaCount), HoldersOf(certificate, overlay), overlay);
            SendOffersLater(overlay);
        }
    }

    /// <summary>
    /// Speaks for a file that the node closest to it did not hold, and perhaps has no room for.
    /// </summary>
    public void OnGiven(NodeHandle to, FileCertificate certificate, IOverlay overlay)
    {
        if (sets.Of(certificate.FileId.RoutingKey, 1, overlay) is [var closest] && closest.Id == to.Id)
        {
            OfferToHolders(new StoredReplica(certificate.FileId, certificate.ReplicaCount), HoldersOf(certificate, overlay), overlay);
            SendOffersLater(overlay);
        }
    }

    public void SendOffers(IOverlay overlay)
    {
        _sendsOffersLater = false;
        foreach (var (node, offer) in _offers)
        {
            offer.Replicas.ForEach(replica => _offered.Add(node, replica.FileId, overlay.Now));
            offer.Send(overlay);
        }

        _offers.Clear();
    }

    public void OnOffer(NodeHandle from, ReplicaOffer offer, IOverlay overlay)
    {
        var held = new List<FileId>();
        var wanted = new List<FileId>();
        var diverted = new List<FileId>();
        _wanted.Forget(overlay.Now);
        var room = desk.RoomFor(from, _wanted.CountOf(from.Id), _wanted.Count, overlay);
        var density = new RingDensity(overlay);
        foreach (var replica in offer.Replicas.DistinctBy(replica => replica.FileId))
        {
            var isPointedTo = pointers.TryGet(replica.FileId, out var pointer);
            if (store.Contains(replica.FileId))
            {
                // A replica that is held in another's stead is none of this neighbour's.
                if (desk.HoldsFor(from, replica, overlay))
                {
                    held.Add(replica.FileId);
                }
            }
            else if (isPointedTo && pointer!.Holder.Id != from.Id)
            {
                held.Add(replica.FileId);
                diverted.Add(replica.FileId);
            }
            else if (isPointedTo && !desk.Accepts(pointer!.ContentLength) && keeper.IsStandIn(pointer, replica.FileId, overlay))
            {
                // The sender holds it in this node's stead, and goes on with that; nor can this node speak for the file.
                diverted.Add(replica.FileId);
            }
            else if (store.IsReclaimed(replica.FileId))
            {
                overlay.Perform(new TellReclaimed(from, replica.FileId));
            }
            else if (!desk.IsKeeping(replica.FileId) && wanted.Count < room && desk.MayHold(replica.FileId, replica.ReplicaCount, density, overlay))
            {
                wanted.Add(replica.FileId);
                _wanted.Add(from.Id, replica.FileId, overlay.Now);
            }
        }

        if (held.Count + wanted.Count + diverted.Count > 0)
        {
            overlay.Send(from, Payload.FromContent(new ReplicaOfferReply([.. held], [.. wanted], [.. diverted])));
        }
    }

    /// <summary>Tells, once, whether this node has asked another one for a replica.</summary>
    public bool IsAwaited(NodeHandle from, FileId fileId, IOverlay overlay) => _wanted.Take(from.Id, fileId, overlay.Now);

    public void OnOfferReply(NodeHandle from, ReplicaOfferReply reply, IOverlay overlay)
    {
        foreach (var file in reply.Wanted.Distinct())
        {
            if (!store.Contains(file))
            {
                continue;
            }

            if (_offered.Take(from.Id, file, overlay.Now))
            {
                overlay.Perform(new ReadReplica(Operation: 0, from, file));
            }
            else if (overlay.ReplicaSet(file.RoutingKey, NeighborsMax).Any(node => node.Id == from.Id))
            {
                // It should hold the file, and asks unoffered: an offer costs little, and lets it ask again.
                OfferAgain(from, file);
            }
        }

        foreach (var file in reply.Diverted)
        {
            // Who is closest can't speak for a file that it does not hold: the others do.
            if (TryFind(file, out var replica) && sets.Of(file.RoutingKey, replica.ReplicaCount, overlay) is [var closest, ..] holders && closest.Id == from.Id)
            {
                OfferToHolders(replica, [.. holders.Skip(1)], overlay);
            }
        }

        SendOffers(overlay);

        foreach (var file in reply.Held)
        {
            keeper.OnHeld(from, file);
            if (_surplus.TryGetValue(file, out var surplus) && surplus.Confirm(from.Id))
            {
                _surplus.Remove(file);
                if (sets.CountCloser(file.RoutingKey, overlay) >= surplus.ReplicaCount)
                {
                    desk.OnDropped(file);
                    overlay.Perform(new DropReplica(file));
                }
            }
        }
    }

    /// <summary>Asks the nodes next to a file's id to offer it, as if this node had just come.</summary>
    public static void Recover(IEnumerable<FileId> files, IOverlay overlay)
    {
        var asked = new Dictionary<NodeHandle, List<FileId>>();
        foreach (var file in files)
        {
            foreach (var node in overlay.ReplicaSet(file.RoutingKey, NeighborsMax))
            {
                if (node.Id != overlay.Self.Id)
                {
                    (CollectionsMarshal.GetValueRefOrAddDefault(asked, node, out _) ??= []).Add(file);
                }
            }
        }

        foreach (var (node, missing) in asked)
        {
            foreach (var part in missing.Chunk(PastFormat.OffersMax))
            {
                overlay.Send(node, Payload.FromContent(new ReplicaOfferReply([], part, [])));
            }
        }
    }

    private IReadOnlyList<NodeHandle> HoldersOf(FileCertificate certificate, IOverlay overlay) =>
        sets.Of(certificate.FileId.RoutingKey, certificate.ReplicaCount, overlay);

    /// <summary>Goes through some pointers, and plans the next: they come after the replicas.</summary>
    private void NextPointers(IOverlay overlay)
    {
        if (_pointers.Count == 0)
        {
            EndSweep(overlay);
            return;
        }

        var lost = new List<FileId>();
        for (var i = 0; i < PageLength && _pointers.TryDequeue(out var file); i++)
        {
            switch (keeper.Consider(file, overlay))
            {
                case PointerKeeper.Action.Ask when pointers.TryGet(file, out var pointer):
                    OfferTo(pointer.Holder, new StoredReplica(file, pointer.ReplicaCount));
                    break;
                case PointerKeeper.Action.Replace:
                    lost.Add(file);
                    break;
                default:
                    break;
            }
        }

        Recover(lost, overlay);
        SendOffers(overlay);
        overlay.SetTimer(TimerTokens.MaintenancePage, overlay.Now + PageInterval);
    }

    private bool TryFind(FileId file, out StoredReplica replica)
    {
        Span<StoredReplica> found = new StoredReplica[1];
        var isFound = store.List(new KeyRange(file.RoutingKey, file.RoutingKey), after: null, found) == 1 && found[0].FileId == file;
        replica = found[0];
        return isFound;
    }

    private void Consider(in StoredReplica replica, HolderArcs arcs, IOverlay overlay)
    {
        var holders = arcs.Find(replica.FileId.RoutingKey, replica.ReplicaCount);
        var isKnown = holders.Count == replica.ReplicaCount;
        var isHolder = isKnown ? holders.Contains(overlay.Self) : sets.CountCloser(replica.FileId.RoutingKey, overlay) < replica.ReplicaCount;
        if (isHolder && holders.Count > 0 && holders[0].Id != overlay.Self.Id)
        {
            // One holder speaks for all: the others tell only that one, in case it is new here.
            OfferTo(holders[0], replica);
            return;
        }

        OfferToHolders(replica, holders, overlay);
        if (!isHolder && isKnown && _surplus.Count < SurplusMax)
        {
            _surplus[replica.FileId] = new Surplus(replica.ReplicaCount, holders);
        }
    }

    private void OfferToHolders(in StoredReplica replica, IReadOnlyList<NodeHandle> holders, IOverlay overlay)
    {
        foreach (var holder in holders)
        {
            if (holder.Id != overlay.Self.Id)
            {
                OfferTo(holder, replica);
            }
        }
    }

    private void OfferAgain(NodeHandle node, FileId file)
    {
        if (TryFind(file, out var replica))
        {
            OfferTo(node, replica);
        }
    }

    private void OfferTo(NodeHandle holder, in StoredReplica replica)
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

    private void EndSweep(IOverlay overlay)
    {
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
        public List<StoredReplica> Replicas { get; } = [];

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
