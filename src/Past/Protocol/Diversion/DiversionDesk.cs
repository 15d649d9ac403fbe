using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Is the side of a node that has no room for a replica that it should hold: it finds a neighbour that holds it in its stead, keeps a pointer to that
/// one, and answers for the replica as if it held it (PAST §3.3).
/// </summary>
internal sealed class DiversionDesk(IReplicaCatalog store, StorageReports reports, ReplicaSets sets, ReplicaPointers pointers, PastOptions options)
{
    /// <summary>How many files room is searched for at a time beyond the leaf set; the others have their turn in a later round.</summary>
    private const int SearchesMax = 1_024;

    /// <summary>Neighbours with half the room of the second most serve as well as those with most; the second, since any single one may claim what it has not.</summary>
    private const int RoomRatioMax = 2;

    private readonly RelayDesk _relays = new(options);
    private readonly Dictionary<ulong, Diversion> _underWay = [];
    private readonly Dictionary<FileId, ulong> _searches = [];
    private readonly List<(NodeHandle Node, Independence Independence, long FreeBytes)> _candidates = [];

    /// <summary>Begins to look for a neighbour that has room.</summary>
    /// <param name="job">What is to be held.</param>
    /// <param name="first">Whom to ask first; null for whoever has the most room.</param>
    /// <param name="overlay">The overlay.</param>
    /// <returns>False where none has.</returns>
    public bool TryBegin(StoreJob job, NodeHandle? first, IOverlay overlay)
    {
        var diversion = new Diversion(job) { First = first };
        if (!pointers.HasRoomFor(job.FileId) || !TryNext(diversion, overlay))
        {
            return false;
        }

        RelayDesk.Begin(job, overlay);
        return true;
    }

    /// <summary>Begins to look for room beyond the leaf set, for a replica that must be made (PAST §3.5).</summary>
    /// <returns>False where there is nobody to ask.</returns>
    public bool TrySearch(StoreJob job, IOverlay overlay)
    {
        if (_searches.Count >= SearchesMax || !pointers.HasRoomFor(job.FileId) || !RoomScout.TryAsk(job, overlay))
        {
            return false;
        }

        RelayDesk.Begin(job, overlay);
        _searches.Add(job.FileId, Await(new Diversion(job) { IsSearch = true }, overlay.Self, overlay));
        return true;
    }

    /// <summary>Takes the first node beyond the leaf set that offers itself and lies where the most distant neighbours see it.</summary>
    public void OnRoomOffer(NodeHandle from, RoomOffer offer, IOverlay overlay)
    {
        if (!_searches.TryGetValue(offer.FileId, out var operation))
        {
            return;
        }

        var density = new RingDensity(overlay);
        if (density.Members > 0 && density.IsWithin(2 * density.Members, from.Id, overlay.Self.Id) && _searches.Remove(offer.FileId) && _underWay.Remove(operation, out var diversion))
        {
            Ask(diversion, from, overlay);
        }
    }

    /// <summary>Takes a neighbour's answer.</summary>
    /// <returns>The end of a diversion, where this is one.</returns>
    public DiversionEnd? OnReply(NodeHandle from, StoreReply reply, IOverlay overlay)
    {
        if (!_underWay.TryGetValue(reply.Operation, out var diversion) || diversion.Asked.Id != from.Id || reply.FileId != diversion.Job.FileId)
        {
            return null;
        }

        _underWay.Remove(reply.Operation);
        if (reply.Refusal == RefusalCode.None && reply.Receipt is { } receipt && receipt.Holder == from.Id && receipt.IsFor(diversion.Job.Certificate))
        {
            if (!store.IsReclaimed(reply.FileId))
            {
                return End(diversion, from, RefusalCode.None, overlay);
            }

            // Its owner has told this node, and no pointer was there yet to tell the neighbour by.
            overlay.Perform(new TellReclaimed(from, reply.FileId));
            return End(diversion, to: null, RefusalCode.Reclaimed, overlay);
        }

        // Who holds it for another of those that should is no candidate, and would not have been asked had this node known.
        diversion.Refusals += reply.Refusal == RefusalCode.AlreadyHeld ? 0 : 1;
        if (reply.Refusal == RefusalCode.NoRoom)
        {
            reports.OnRefused(from, diversion.Job.Certificate.ContentLength, overlay);
        }

        diversion.LacksSource |= reply.Refusal == RefusalCode.SourceUnreachable;

        // That the content, the certificate or its permit is wrong, no other neighbour would find otherwise.
        return reply.Refusal is RefusalCode.BadCertificate or RefusalCode.CorruptContent or RefusalCode.Reclaimed or RefusalCode.NoPermit or RefusalCode.PermitExpired
            ? End(diversion, to: null, reply.Refusal, overlay)
            : Next(diversion, overlay);
    }

    /// <summary>Passes content on that a neighbour holds in this node's stead to those that this node has told to fetch it here.</summary>
    public void PassOn(StoreJob job, NodeHandle holder, IOverlay overlay) => _relays.GoOn(job, holder, overlay);

    public void OnProgress(NodeHandle from, ulong operation, IOverlay overlay)
    {
        if (_underWay.TryGetValue(operation, out var diversion) && diversion.Asked.Id == from.Id)
        {
            diversion.ProgressAt = overlay.Now;
        }
    }

    /// <returns>The end of a diversion whose last neighbour has not answered.</returns>
    public DiversionEnd? Expire(ulong operation, IOverlay overlay)
    {
        if (_relays.TryExpire(operation, overlay) || !_underWay.TryGetValue(operation, out var diversion))
        {
            return null;
        }

        if (diversion.ProgressAt + Patience > overlay.Now)
        {
            overlay.SetTimer(TimerTokens.Diversion(operation), diversion.ProgressAt + Patience);
            return null;
        }

        _underWay.Remove(operation);
        diversion.Refusals++;
        return Next(diversion, overlay);
    }

    /// <summary>Gives up looking for a neighbour, since the content is to come from somewhere else.</summary>
    /// <returns>False where none is looked for.</returns>
    public bool TryCancel(StoreJob job, IOverlay overlay)
    {
        foreach (var (operation, diversion) in _underWay)
        {
            if (diversion.Job == job)
            {
                _underWay.Remove(operation);
                End(diversion, to: null, RefusalCode.Busy, overlay);
                return true;
            }
        }

        return false;
    }

    /// <summary>Half of what the client waits for a sign of progress.</summary>
    private TimeSpan Patience => options.OperationTimeout / 2;

    /// <summary>Asks the next neighbour, where there is one and the file's owner has not taken it back meanwhile.</summary>
    private DiversionEnd? Next(Diversion diversion, IOverlay overlay) =>
        store.IsReclaimed(diversion.Job.FileId) ? End(diversion, to: null, RefusalCode.Reclaimed, overlay)
        : TryNext(diversion, overlay) ? null
        : End(diversion, to: null, diversion.Failure, overlay);

    private bool TryNext(Diversion diversion, IOverlay overlay)
    {
        if (diversion.IsSearch || diversion.Refusals >= options.DiversionsMax || Choose(diversion, overlay) is not { } neighbor)
        {
            return false;
        }

        Ask(diversion, neighbor, overlay);
        return true;
    }

    private void Ask(Diversion diversion, NodeHandle node, IOverlay overlay)
    {
        diversion.Tried.Add(node.Id);
        var operation = Await(diversion, node, overlay);
        var effect = diversion.Job.Effect;
        overlay.Send(node, Payload.FromContent(new DivertRequest(operation, effect.Certificate, effect.Content, effect.IsRepair)));
    }

    private ulong Await(Diversion diversion, NodeHandle asked, IOverlay overlay)
    {
        var operation = overlay.NextRandom() & TimerTokens.OperationMask | 1;
        diversion.Asked = asked;
        diversion.ProgressAt = overlay.Now;
        _underWay[operation] = diversion;
        overlay.SetTimer(TimerTokens.Diversion(operation), overlay.Now + Patience);
        return operation;
    }

    /// <summary>
    /// Finds a neighbour with much room that is none of the k, has not been asked and would take the replica as far as is known; if there is any, one
    /// that would not fail together with another holder.
    /// </summary>
    private NodeHandle? Choose(Diversion diversion, IOverlay overlay)
    {
        if (diversion.First is { } first && !diversion.Tried.Contains(first.Id))
        {
            return first;
        }

        var certificate = diversion.Job.Certificate;
        var holders = sets.Of(certificate.FileId.RoutingKey, certificate.ReplicaCount, overlay);
        var policy = options.DivertedPolicy;
        _candidates.Clear();
        var sharesHosts = false;
        foreach (var neighbor in overlay.NeighborSet(int.MaxValue))
        {
            sharesHosts |= reports.IsShared(neighbor.FailureDomain);
            var (free, capacity) = reports.RoomOf(neighbor);
            var wouldTake = policy.Accepts(certificate.ContentLength, free, capacity) && !reports.HasRefused(neighbor, certificate.ContentLength, overlay);
            if (wouldTake && !diversion.Tried.Contains(neighbor.Id) && !holders.Contains(neighbor))
            {
                _candidates.Add((neighbor, IndependenceOf(neighbor, holders, overlay), free));
            }
        }

        if (_candidates.Count == 0)
        {
            return null;
        }

        _candidates.Sort(static (left, right) => (right.Independence, right.FreeBytes).CompareTo((left.Independence, left.FreeBytes)));
        if (sharesHosts)
        {
            // The k must meet at the same one, to learn from its refusal which domain another of them has taken.
            return _candidates[0].Node;
        }

        // Each of the k begins elsewhere among those with much room: else whoever says it has most gets every replica of a file.
        var enough = _candidates[Math.Min(1, _candidates.Count - 1)].FreeBytes / RoomRatioMax;
        return _candidates[RankIn(holders, overlay) % _candidates.Count(candidate => candidate.FreeBytes >= enough)].Node;
    }

    private static int RankIn(IReadOnlyList<NodeHandle> holders, IOverlay overlay)
    {
        for (var rank = 0; rank < holders.Count; rank++)
        {
            if (holders[rank].Id == overlay.Self.Id)
            {
                return rank;
            }
        }

        return 0;
    }

    private Independence IndependenceOf(NodeHandle neighbor, IReadOnlyList<NodeHandle> holders, IOverlay overlay)
    {
        var domain = neighbor.FailureDomain;
        return !reports.IsShared(domain) || domain == overlay.Self.FailureDomain ? Independence.Certain
            : holders.Any(holder => holder.FailureDomain == domain) ? Independence.None
            : Independence.Likely;
    }

    private DiversionEnd End(Diversion diversion, NodeHandle? to, RefusalCode refusal, IOverlay overlay)
    {
        var job = diversion.Job;
        _searches.Remove(job.FileId);
        if (to is not null)
        {
            pointers.Set(job.FileId, ReplicaPointer.To(to, job.Certificate));
            _relays.GoOn(job, to, overlay);
        }
        else
        {
            _relays.End(job, overlay);
        }

        return new DiversionEnd(job, refusal, diversion.IsSearch);
    }

    /// <summary>Tells whether a neighbour shares its failure domain with who else holds the file.</summary>
    private enum Independence
    {
        /// <summary>With one of the k.</summary>
        None,

        /// <summary>With none of the k, but perhaps with a node to which another of them diverts its replica.</summary>
        Likely,

        /// <summary>With nobody but this node, in whose stead it holds the replica.</summary>
        Certain,
    }

    private sealed class Diversion(StoreJob job)
    {
        public StoreJob Job { get; } = job;

        public NodeHandle? First { get; init; }

        /// <summary>Whether room is searched for beyond the leaf set; then one node is asked.</summary>
        public bool IsSearch { get; init; }

        public HashSet<NodeId> Tried { get; } = [];

        public int Refusals { get; set; }

        /// <summary>Whether one has said that it does not get the content: then it is not room that lacks.</summary>
        public bool LacksSource { get; set; }

        /// <summary>Why it has failed. Of an insert that is refused elsewhere meanwhile the client takes the content back: that is no other reason than want of room.</summary>
        public RefusalCode Failure => LacksSource && Job.IsRepair ? RefusalCode.SourceUnreachable : RefusalCode.NoRoom;

        public NodeHandle Asked { get; set; } = job.From;

        public Instant ProgressAt { get; set; }
    }
}

/// <summary>Tells how it ended that a neighbour was looked for: with a pointer to it, or refused.</summary>
internal sealed record DiversionEnd(StoreJob Job, RefusalCode Refusal, bool IsSearch);
