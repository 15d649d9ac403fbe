using P2P.Past.Protocol;
using P2P.Past.Wire;
using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace P2P.Past.Simulation;

/// <summary>
/// Carries out what the machine of one life of a node wants, as <see cref="EffectCarrier"/> does on a live node: at once where that would look or
/// compute, and in its time where content has to travel.
/// </summary>
internal sealed class VirtualStore : IPastryModule
{
    /// <summary>What content within messages is made of: nobody looks at it.</summary>
    private static readonly byte[] InlineContent = new byte[PastOptions.InlineLengthLimit];

    /// <summary>How many nodes content may be passed on by: the holder that asks for it, and the coordinator; each may have no more than a pointer.</summary>
    private const int RelaysMax = 3;

    private readonly PastMachine _machine;
    private readonly VirtualOperations _operations;
    private readonly Dictionary<FileId, int> _offered = [];
    private readonly Dictionary<FileId, NodeHandle[]> _relayed = [];
    private readonly Dictionary<FileId, List<Action>> _arriving = [];
    private readonly Dictionary<FileId, VirtualFetch> _fetches = [];
    private readonly VirtualCache _cache;
    private VirtualLink _uplink;
    private VirtualLink _downlink;
    private SimulatedNode? _node;

    public VirtualStore(VirtualArchive archive, VirtualDisk disk)
    {
        Archive = archive;
        Disk = disk;
        _cache = new VirtualCache(this);
        _operations = new VirtualOperations(archive);
        _machine = new PastMachine(archive.Options.Past, disk, archive.Options.Cache);
        _uplink = new VirtualLink(archive.Options.UplinkBitsPerSecond);
        _downlink = new VirtualLink(archive.Options.DownlinkBitsPerSecond);
    }

    public VirtualArchive Archive { get; }

    public VirtualDisk Disk { get; }

    public SimulatedNode Node => _node!;

    public PastryApplication Application => _machine;

    /// <summary>Tells whether this life of the node goes on.</summary>
    public bool IsAlive => _node is { IsUp: true, Modules: [VirtualStore store, ..] } && store == this;

    /// <summary>How far the node is with what others lack, as of its last report.</summary>
    public RepairProgress Repairs { get; private set; }

    /// <summary>How many transfers of content go out now.</summary>
    public int ServedCount { get; set; }

    private PastOptions Protocol => Archive.Options.Past;

    private VirtualArchiveCounters Counters => Archive.Counters;

    public void Attach(INodePort port) => _node = Archive.Place(port.Handle, Disk);

    public void Insert(FileCertificate certificate, Action<InsertResult> ended)
    {
        var content = InlineContentOf(certificate);
        if (content is null)
        {
            _offered[certificate.FileId] = _offered.GetValueOrDefault(certificate.FileId) + 1;
        }

        Tell(new StartInsert(_operations.Begin(certificate, ended), certificate, content));
    }

    public void Lookup(FileId fileId, Action<VirtualLookup> ended) => Tell(new StartLookup(_operations.Begin(ended), fileId));

    public void Reclaim(ReclaimCertificate certificate, Action<ReclaimResult> ended) => Tell(new StartReclaim(_operations.Begin(ended), certificate));

    public void Perform(object effect)
    {
        switch ((PastEffect)effect)
        {
            case CheckCertificate check:
                Tell(new CertificateChecked(check.Token, Archive.Trusts(check.Client) ? RefusalCode.None : RefusalCode.BadCertificate));
                break;
            case CheckReceipt check:
                Tell(new ReceiptChecked(check.Operation, check.Holder, check.Receipt, Archive.Trusts(check.Holder.Id)));
                break;
            case KeepReplica keep:
                Keep(keep);
                break;
            case EndFetch ended when _fetches.TryGetValue(ended.FileId, out var fetch):
                fetch.Cancel();
                break;
            case AnswerForReplica { Certificate: var diverted }:
                Tell(new ReplicaKept(diverted.FileId, StoreReceipt.Unsigned(diverted, Node.Handle.Id, Archive.Clock), RefusalCode.None));
                break;
            case RelayReplica { Replica: var relayed }:
                _relayed[relayed.Certificate.FileId] = relayed.Sources;
                break;
            case EndRelay ended:
                _relayed.Remove(ended.FileId);
                break;
            case ReadReplica read:
                Read(read);
                break;
            case DropReplica drop:
                Drop(drop.FileId);
                break;
            case CheckCopy or KeepCopy or DropCopies:
                _cache.Perform((PastEffect)effect);
                break;
            case LookupAnswered answered:
                Take(answered);
                break;
            case LookupFailed failed:
                _operations.End(failed.Operation, failed.Certain ? VirtualLookup.NotFound.Instance : VirtualLookup.Unreachable.Instance);
                break;
            case InsertEnded ended:
                End(ended);
                break;
            case ReclaimReplica reclaim:
                GiveBack(reclaim);
                break;
            case TellReclaimed tell when Disk.FindReclaimed(tell.FileId) is { } reclaimed:
                Tell(new ReclaimFound(tell.To, reclaimed.Certificate));
                break;
            case CheckReclaimReceipt check:
                Tell(new ReclaimReceiptChecked(check.Operation, check.Holder, check.Receipt, Archive.Trusts(check.Holder.Id)));
                break;
            case RepairsProgressed progressed:
                Repairs = progressed.Progress;
                break;
            case ForgetReclaimed:
                Disk.ForgetReclaimed(Archive.Clock - Protocol.ReclaimRetention);
                break;
            case ReclaimEnded ended:
                _operations.End(ended.Operation, ended.Result);
                break;
            default:
                break;
        }
    }

    /// <summary>Ends what the node's users wait for; the node does this when it stops.</summary>
    public ValueTask DisposeAsync()
    {
        _operations.EndAll();
        return ValueTask.CompletedTask;
    }

    /// <summary>Lets something happen after a while, unless this life has ended; while the node sleeps, it waits.</summary>
    public void Later(TimeSpan after, Action action) => Archive.Overlay.Schedule(after, () =>
    {
        if (IsAlive && Node.IsAsleep)
        {
            Later(TimeSpan.FromSeconds(1), action);
        }
        else if (IsAlive)
        {
            action();
        }
    });

    /// <summary>Lets something happen after a while, as <see cref="Later"/> does; at once where that is no time at all, without an event.</summary>
    public void After(TimeSpan passage, Action action)
    {
        if (passage > TimeSpan.Zero)
        {
            Later(passage, action);
        }
        else
        {
            action();
        }
    }

    /// <summary>Tells whether the store gives a file's content: it holds the file, offers it for an insert that is under way, or passes it on from one who does.</summary>
    public bool Gives(FileId fileId) => Gives(fileId, RelaysMax);

    /// <summary>Lets somebody wait for a file that is just coming, here or where it is passed on from.</summary>
    /// <returns>False where it is not.</returns>
    public bool TryAwait(FileId fileId, Action arrived) => TryAwait(fileId, arrived, RelaysMax);

    /// <summary>Gives the machine an input.</summary>
    public void Tell(PastInput input) => Node.Post(_machine, input);

    /// <summary>Lets content stand in the queues of both ends' lines.</summary>
    /// <returns>How long it takes until it has passed both.</returns>
    public TimeSpan CarryTo(VirtualStore receiver, long bytes)
    {
        var now = Archive.Overlay.Now;
        var (sent, received) = (_uplink.Carry(bytes, now), receiver._downlink.Carry(bytes, now));
        return (sent > received ? sent : received) - now;
    }

    private bool Gives(FileId fileId, int relays) => Disk.Contains(fileId) || _cache.Contains(fileId) || _offered.ContainsKey(fileId)
        || (relays > 0 && SourcesOf(fileId).Any(source => source.Gives(fileId, relays - 1)));

    private bool TryAwait(FileId fileId, Action arrived, int relays)
    {
        if (_arriving.TryGetValue(fileId, out var waiters))
        {
            waiters.Add(arrived);
            return true;
        }

        return relays > 0 && SourcesOf(fileId).Any(source => source.TryAwait(fileId, arrived, relays - 1));
    }

    /// <summary>Finds those from whom a file is passed on.</summary>
    private IEnumerable<VirtualStore> SourcesOf(FileId fileId) =>
        _relayed.TryGetValue(fileId, out var sources) ? sources.Select(Archive.FindStore).OfType<VirtualStore>().Where(source => source != this) : [];

    /// <summary>Gives what stands for content that travels within messages; null, and not memory of no length, where it is too long for that.</summary>
    private ReadOnlyMemory<byte>? InlineContentOf(FileCertificate certificate) =>
        certificate.ContentLength <= Protocol.InlineLengthMax ? new ReadOnlyMemory<byte>(InlineContent, 0, (int)certificate.ContentLength) : default(ReadOnlyMemory<byte>?);

    private void Keep(KeepReplica keep)
    {
        var certificate = keep.Certificate;
        if (keep.Content is null)
        {
            _arriving.TryAdd(certificate.FileId, []);
            var fetch = new VirtualFetch(this, certificate, keep.Sources, source => Fetched(keep, source));
            _fetches[certificate.FileId] = fetch;
            fetch.Begin();
        }
        else if (keep.Sources is [var sender, ..] && Archive.FindStore(sender) is { } source && source != this
            && source.CarryTo(this, certificate.ContentLength) is { Ticks: > 0 } passage)
        {
            // The message is there already; what it brought is not before both lines have carried it.
            Later(passage, () => Kept(keep, RefusalCode.None));
        }
        else
        {
            Kept(keep, RefusalCode.None);
        }
    }

    private void Fetched(KeepReplica keep, NodeHandle? source)
    {
        _fetches.Remove(keep.Certificate.FileId);
        Kept(keep, source is null ? RefusalCode.SourceUnreachable : RefusalCode.None);
    }

    private void Kept(KeepReplica keep, RefusalCode refusal)
    {
        var certificate = keep.Certificate;
        if (refusal == RefusalCode.None)
        {
            refusal = Store(keep);
        }

        var receipt = refusal == RefusalCode.None ? StoreReceipt.Unsigned(certificate, Node.Handle.Id, Archive.Clock) : null;
        Tell(new ReplicaKept(certificate.FileId, receipt, refusal));
        if (_arriving.Remove(certificate.FileId, out var waiters))
        {
            waiters.ForEach(waiter => waiter());
        }
    }

    private RefusalCode Store(KeepReplica keep)
    {
        var certificate = keep.Certificate;
        if (Disk.IsReclaimed(certificate.FileId))
        {
            return RefusalCode.Reclaimed;
        }

        var file = new VirtualFile(certificate.FileId, certificate.ContentLength, certificate.ReplicaCount);
        if (Disk.TryFind(certificate.FileId, out var stored))
        {
            return stored == file ? RefusalCode.None : RefusalCode.FileIdExists;
        }

        if (!Disk.TryAdd(file, Archive.NumberOf(certificate.Owner)))
        {
            return RefusalCode.NoRoom;
        }

        Counters.ReplicasStored++;
        Counters.StoredBytes += file.Length;
        Counters.RepairedBytes += keep.IsRepair ? file.Length : 0;
        Archive.Options.ReplicaStored?.Invoke(Node, file);
        return RefusalCode.None;
    }

    private void Read(ReadReplica read)
    {
        var certificate = Disk.TryFind(read.FileId, out var file, out var owner) ? Archive.Certify(file, owner)
            : read.Operation != 0 ? _cache.Find(read.FileId)
            : null;
        Tell(new ReplicaRead(read, certificate, certificate is null ? null : InlineContentOf(certificate)));
    }

    private void Drop(FileId fileId)
    {
        if (Disk.TryFind(fileId, out var file) && Disk.Remove(fileId))
        {
            Counters.ReplicasDropped++;
            Archive.Options.ReplicaDropped?.Invoke(Node, file);
        }
    }

    /// <summary>Lets the content of an answer come, whether in the message or by a transfer of its own.</summary>
    private void Take(LookupAnswered answer)
    {
        if (!_operations.IsLookedUp(answer.Operation))
        {
            return;
        }

        if (!Archive.Trusts(answer.Holder.Id))
        {
            Tell(new LookupRejected(answer.Operation, answer.Holder));
        }
        else if (answer.Content is not null)
        {
            var passage = Archive.FindStore(answer.Holder) is { } holder && holder != this ? holder.CarryTo(this, answer.Certificate.ContentLength) : TimeSpan.Zero;
            After(passage, () => Found(answer, answer.Holder));
        }
        else
        {
            new VirtualFetch(this, answer.Certificate, [answer.Holder, .. answer.Others], source => Found(answer, source)).Begin();
        }
    }

    private void Found(LookupAnswered answer, NodeHandle? source)
    {
        var certificate = answer.Certificate;
        if (source is not null)
        {
            Counters.LookedUpBytes += certificate.ContentLength;
        }

        _operations.End(answer.Operation, source is null
            ? VirtualLookup.Unreachable.Instance
            : new VirtualLookup.Found(new VirtualFile(certificate.FileId, certificate.ContentLength, certificate.ReplicaCount), source));

        if (source is not null && answer.Content is not null)
        {
            Tell(new AnswerBelieved(answer));
        }

        // The machine keeps a lookup that was answered until the user's side has believed the answer.
        Tell(new CancelOperation(answer.Operation));
    }

    private void End(InsertEnded ended)
    {
        if (_operations.End(ended.Operation, ended.Result))
        {
            Withdraw(ended.Result.FileId);
        }
    }

    private void Withdraw(FileId fileId)
    {
        if (_offered.GetValueOrDefault(fileId) is > 1 and var offers)
        {
            _offered[fileId] = offers - 1;
        }
        else
        {
            _offered.Remove(fileId);
        }
    }

    /// <summary>Gives a file up because its owner takes it back, and remembers that, where this node may hold it.</summary>
    private void GiveBack(ReclaimReplica request)
    {
        var certificate = request.Certificate;
        var isStored = Disk.TryFind(certificate.FileId, out var file);
        var reclaimed = Disk.FindReclaimed(certificate.FileId);
        if (reclaimed is null && (request.IsHolder || isStored))
        {
            Drop(certificate.FileId);
            reclaimed = new ReclaimedReplica(certificate, isStored ? file.Length : null, Archive.Clock);
            Disk.Remember(reclaimed);
        }

        var receipt = (reclaimed?.FreedBytes ?? request.DivertedBytes) is { } freed && reclaimed is not null ? ReclaimReceipt.Unsigned(certificate, freed, Node.Handle.Id, reclaimed.ReclaimedAt) : null;
        Tell(new ReplicaReclaimed(request, receipt));
    }
}
