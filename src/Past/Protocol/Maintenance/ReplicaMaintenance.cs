using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Keeps k replicas of each file on the k live nodes that should hold it (PAST §3.5): after a change of the leaf set the node offers those that it concerns to
/// the others. In slow rounds it sums up for its neighbours what it holds, and they offer what it lacks. It lets go of a replica only when all k have theirs.
/// </summary>
/// <remarks>
/// Of the holders, the one closest to the id offers to all others, and the others offer to it, so that offers do not multiply by k. Who asks for what it
/// was offered gets it by way of the <see cref="RepairQueue"/>.
/// </remarks>
internal sealed class ReplicaMaintenance(
    IReplicaCatalog store, ReplicaDesk desk, ReplicaSets sets, ReplicaPointers pointers, PointerKeeper keeper, StewardBook stewards, PastOptions options)
{
    private const int PageLength = 512;

    /// <summary>How long a transfer may wait for its turn on either side.</summary>
    private static readonly TimeSpan TransferLifetime = TimeSpan.FromMinutes(5);

    /// <summary>How long after a change of the ring a summary shows what the offers did not bring, such as those that came too early.</summary>
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(30);

    /// <summary>The time between two pages of replicas that the node goes through.</summary>
    public static readonly TimeSpan PageInterval = TimeSpan.FromMilliseconds(10);

    /// <summary>No more is asked for than may wait, so that nothing that was asked for has to be forgotten.</summary>
    private readonly TransferTable _wanted = new(options.TransferQueueMax, options.TransferQueueMax, TransferLifetime);

    private readonly RepairQueue _repairs = new(options);
    private readonly SummaryRounds _summaries = new(store, sets);
    private readonly Newcomers _newcomers = new(TransferLifetime);
    private readonly OfferDesk _offers = new(options, TransferLifetime);
    private readonly SurplusReplicas _surplus = new();
    private readonly SweepArcs _changed = new(sets);
    private readonly RecentFailures _failures = new();
    private Queue<FileId> _pointers = [];
    private IReadOnlyList<KeyRange> _arcs = [];
    private int _arc;
    private int _replicasMax = 1;
    private FileId? _cursor;
    private bool _isSweeping, _isSummingUp;
    private Instant _nextSweep = Instant.Never;
    private Instant _nextRound = Instant.Never;

    /// <summary>Plans the first round.</summary>
    public void Start(IOverlay overlay)
    {
        _changed.AddAll();
        SweepAt(overlay.Now + options.MaintenanceDelay, overlay);
        RoundAt(overlay.Now + 2 * options.MaintenanceDelay, overlay);
    }

    /// <summary>Plans a round soon, since who should hold what may have changed.</summary>
    public void RingChanged(NodeHandle node, NeighborChange change, IOverlay overlay)
    {
        _newcomers.Note(node, change, overlay.Now);
        _failures.Note(node, change);
        if (change is NeighborChange.Failed or NeighborChange.Departed or NeighborChange.Restarted)
        {
            _repairs.OnGone(node.Id, overlay);
        }

        _changed.Add(node.Id, Math.Max(_replicasMax, desk.ReplicasMax), overlay);
        SweepAt(overlay.Now + options.MaintenanceDelay, overlay);
        RoundAt(overlay.Now + SettleTime, overlay);
    }

    /// <summary>Plans a round soon, since a neighbour turned out to hold replicas or not to hold any.</summary>
    public void RoomChanged(IOverlay overlay)
    {
        _changed.AddAll();
        SweepAt(overlay.Now + options.MaintenanceDelay, overlay);
    }

    public void Expire(IOverlay overlay)
    {
        if (_isSweeping || (overlay.Now < _nextSweep && overlay.Now < _nextRound))
        {
            return;
        }

        // What is due for longer goes first, so that no run of changes keeps rounds from their turn.
        _isSweeping = true;
        _isSummingUp = _nextRound < _nextSweep;
        _arc = 0;
        _cursor = null;
        _pointers = new Queue<FileId>(pointers.ToArray());
        if (_isSummingUp)
        {
            _nextRound = Instant.Never;
            _arcs = [KeyRange.All];
            _surplus.Clear();
            _summaries.Begin(_replicasMax);
            overlay.Perform(new ForgetReclaimed());
        }
        else
        {
            _nextSweep = Instant.Never;
            _arcs = _changed.Take();
            _failures.Begin();
        }

        NextPage(overlay);
    }

    /// <summary>Goes through one page of replicas, and plans the next: the node does other things between two pages.</summary>
    public void NextPage(IOverlay overlay)
    {
        var page = new StoredReplica[PageLength];
        var count = 0;
        while (_arc < _arcs.Count && (count = store.List(_arcs[_arc], _cursor, page)) == 0)
        {
            _arc++;
            _cursor = null;
        }

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
        if (sets.CountBefore(certificate.FileId.RoutingKey, overlay) == 0)
        {
            _offers.AddAll(HoldersOf(certificate, overlay), new StoredReplica(certificate.FileId, certificate.ReplicaCount), overlay);
            _offers.SendLater(overlay);
        }
    }

    /// <summary>
    /// Gives a replica that has been read for a node that lacks it. Speaks for the file, where that is the node closest to it, which perhaps has no room.
    /// </summary>
    public void OnRead(ReplicaRead read, IOverlay overlay)
    {
        var to = read.Request.To;
        _repairs.OnRead(to.Id, read.Request.FileId, read.Certificate?.ContentLength, overlay);
        if (read.Certificate is not { } certificate)
        {
            return;
        }

        var source = read.Content is null ? _repairs.ChooseSource(certificate.FileId, HoldersOf(certificate, overlay), _newcomers, overlay) : overlay.Self;
        overlay.Send(to, Payload.FromContent(new StoreRequest(operation: 0, source, certificate, read.Content)));
        if (sets.Of(certificate.FileId.RoutingKey, 1, overlay) is [var closest] && closest.Id == to.Id)
        {
            _offers.AddAll(HoldersOf(certificate, overlay), new StoredReplica(certificate.FileId, certificate.ReplicaCount), overlay);
            _offers.SendLater(overlay);
        }
    }

    public void OnSummary(NodeHandle from, ReplicaSummary summary, IOverlay overlay) => _summaries.OnSummary(from, summary, overlay);

    /// <summary>Compares more replicas with what neighbours have summed up, and offers what they lack.</summary>
    public void Compare(IOverlay overlay)
    {
        _summaries.Compare(_offers, overlay);
        SendOffers(overlay);
    }

    public void ExpireRepairs(IOverlay overlay) => _repairs.Expire(overlay);

    public void SendOffers(IOverlay overlay) => _offers.Send(overlay);

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
                if (stewards.CountsFor(from, replica.FileId, overlay))
                {
                    held.Add(replica.FileId);
                }
            }
            else if (isPointedTo && !pointer!.IsTold && pointer.Holder.Id != from.Id)
            {
                held.Add(replica.FileId);
                diverted.Add(replica.FileId);
            }
            else if (isPointedTo && pointer!.Holder.Id == from.Id && !desk.Accepts(pointer.ContentLength) && keeper.IsStandIn(pointer, replica.FileId, overlay))
            {
                // The sender holds it in this node's stead, and goes on with that; nor can this node speak for the file.
                diverted.Add(replica.FileId);
            }
            else if (store.IsReclaimed(replica.FileId))
            {
                overlay.Perform(new TellReclaimed(from, replica.FileId));
            }
            else if (desk.LacksSource(replica.FileId, from, overlay) && wanted.Count < room && desk.MayHold(replica.FileId, replica.ReplicaCount, density, overlay))
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

            if (_offers.TryTake(from, file, overlay) && store.TryFind(file, out var replica))
            {
                _repairs.Add(from, replica, _newcomers.Contains(from, overlay.Now), overlay.Now + TransferLifetime, overlay);
            }
            else if (sets.Of(file.RoutingKey, ReplicaRecovery.NeighborsMax, overlay).Any(node => node.Id == from.Id))
            {
                // It should hold the file, and asks unoffered: an offer costs little, and lets it ask again.
                OfferAgain(from, file);
            }
        }

        foreach (var file in reply.Diverted)
        {
            // Who is closest can't speak for a file that it does not hold: the others do.
            if (store.TryFind(file, out var replica) && sets.Of(file.RoutingKey, replica.ReplicaCount, overlay) is [var closest, ..] holders && closest.Id == from.Id)
            {
                _offers.AddAll([.. holders.Skip(1)], replica, overlay);
            }
        }

        SendOffers(overlay);

        foreach (var file in reply.Held)
        {
            keeper.OnHeld(from, file);
            OnHeld(from, file, overlay);
        }
    }

    /// <summary>Takes a node's word that it has got a file from here, or refuses it.</summary>
    public void OnReply(NodeHandle from, StoreReply reply, IOverlay overlay)
    {
        _repairs.OnEnded(from.Id, reply.FileId, reply.Refusal, overlay);
        if (reply.Refusal == RefusalCode.None)
        {
            OnHeld(from, reply.FileId, overlay);
        }
    }

    /// <summary>Lets go of a replica that nobody needs when the last of those that should hold it says that it does.</summary>
    private void OnHeld(NodeHandle from, FileId file, IOverlay overlay)
    {
        if (_surplus.TryConfirm(from.Id, file, out var replicaCount) && !sets.IncludeSelf(file.RoutingKey, replicaCount, overlay))
        {
            stewards.Remove(file);
            overlay.Perform(new DropReplica(file));
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
                    _offers.Add(pointer.Holder, new StoredReplica(file, pointer.ReplicaCount));
                    break;
                case PointerKeeper.Action.Replace:
                    lost.Add(file);
                    break;
                default:
                    break;
            }
        }

        ReplicaRecovery.Ask(lost, sets, overlay);
        SendOffers(overlay);
        overlay.SetTimer(TimerTokens.MaintenancePage, overlay.Now + PageInterval);
    }

    private void Consider(in StoredReplica replica, HolderArcs arcs, IOverlay overlay)
    {
        _replicasMax = Math.Max(_replicasMax, replica.ReplicaCount);
        var holders = arcs.Find(replica.FileId.RoutingKey, replica.ReplicaCount);
        var isKnown = holders.Count == replica.ReplicaCount;
        var isHolder = isKnown ? holders.Contains(overlay.Self) : sets.IncludeSelf(replica.FileId.RoutingKey, replica.ReplicaCount, overlay);
        if (isHolder && _isSummingUp)
        {
            _summaries.Add(replica.FileId, overlay);
            return;
        }

        if (isHolder && holders.Count > 0 && holders[0].Id != overlay.Self.Id)
        {
            // One holder speaks for all: the others tell only that one, in case it is new here, and who comes in the place of one that failed: the
            // failure is noticed by its ring neighbours first, seconds before all others have made sure of it.
            _offers.Add(holders[0], replica);
            if (isKnown && holders[^1].Id != overlay.Self.Id && _failures.Concern(replica.FileId.RoutingKey, holders))
            {
                _offers.Add(holders[^1], replica);
            }

            return;
        }

        // Of one that is held in the stead of a node beyond the leaf set, nobody else around knows.
        var steward = holders.Count == 0 && stewards.Of(replica.FileId) is { } node && !Neighbors.Contains(node, overlay) ? node : null;
        var concerned = steward is null ? holders : [steward];
        _offers.AddAll(concerned, replica, overlay);
        if (!isHolder && (isKnown || (steward is not null && stewards.IsBroughtBySteward(replica.FileId))))
        {
            _surplus.Add(replica, concerned);
        }
    }

    private void OfferAgain(NodeHandle node, FileId file)
    {
        if (store.TryFind(file, out var replica))
        {
            _offers.Add(node, replica);
        }
    }

    private void EndSweep(IOverlay overlay)
    {
        _isSweeping = false;
        if (_isSummingUp)
        {
            _summaries.End(overlay);
        }

        // Whoever retires has rounds until nothing is left.
        RoundAt(overlay.Now + (store.Usage is { CapacityBytes: 0, Count: > 0 } ? SettleTime : options.MaintenanceInterval), overlay);
        if (_nextSweep <= overlay.Now || _nextRound <= overlay.Now)
        {
            // What came due meanwhile has its turn now.
            overlay.SetTimer(TimerTokens.MaintenanceSweep, overlay.Now + options.MaintenanceDelay);
        }
    }

    private void RoundAt(Instant due, IOverlay overlay)
    {
        if (due < _nextRound)
        {
            _nextRound = due;
            overlay.SetTimer(TimerTokens.MaintenanceSweep, due);
        }
    }

    private void SweepAt(Instant due, IOverlay overlay)
    {
        if (due < _nextSweep)
        {
            _nextSweep = due;
            overlay.SetTimer(TimerTokens.MaintenanceSweep, due);
        }
    }
}
