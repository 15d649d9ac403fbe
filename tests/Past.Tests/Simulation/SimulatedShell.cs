using P2P.Past;
using P2P.Past.Protocol;
using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace Past.Tests.Simulation;

/// <summary>
/// Carries out what PAST's machine wants in one life of a simulated node: a disk that takes its time, content that is fetched from nodes
/// that are up, real certificates and receipts.
/// </summary>
internal sealed class SimulatedShell(PastWorld world, SigningKey key, MemoryReplicaStore store)
{
    private static readonly TimeSpan CheckTime = TimeSpan.FromMilliseconds(1);
    private static readonly TimeSpan WaitInterval = TimeSpan.FromMilliseconds(50);

    private readonly Dictionary<ulong, SimulatedInsert> _inserts = [];
    private readonly Dictionary<ulong, SimulatedLookup> _lookups = [];
    private readonly HashSet<FileId> _arriving = [];
    private SimulatedNode _node = null!;
    private ulong _lastOperation;

    public PastMachine Machine { get; } = new(world.Options, store);

    public SigningKey Key => key;

    public MemoryReplicaStore Store => store;

    public SimulatedNode Node => _node;

    /// <summary>Tells whether this life of the node goes on.</summary>
    public bool IsAlive => _node.IsUp && _node.Applications.Contains(Machine);

    public SimulatedShell On(SimulatedNode node)
    {
        _node = node;
        return this;
    }

    public SimulatedInsert Insert(SimulatedFile file)
    {
        var operation = ++_lastOperation;
        var insert = new SimulatedInsert(operation, file);
        _inserts.Add(operation, insert);
        Post(new StartInsert(operation, file.Certificate, file.IsInline(world.Options) ? (ReadOnlyMemory<byte>?)file.Content : null), TimeSpan.Zero);
        return insert;
    }

    public SimulatedLookup Lookup(FileId file)
    {
        var operation = ++_lastOperation;
        var lookup = new SimulatedLookup(file);
        _lookups.Add(operation, lookup);
        Post(new StartLookup(operation, file), TimeSpan.Zero);
        return lookup;
    }

    public void Cancel(SimulatedInsert insert) => Post(new CancelOperation(insert.Operation), TimeSpan.Zero);

    public void Perform(PastEffect effect)
    {
        switch (effect)
        {
            case CheckCertificate check:
                Post(new CertificateChecked(check.Token, world.Verify(check.Certificate)), CheckTime);
                break;
            case CheckReceipt check:
                Post(new ReceiptChecked(check.Operation, check.Holder, check.Receipt, check.Receipt.Verify()), CheckTime);
                break;
            case KeepReplica keep:
                Keep(keep);
                break;
            case ReadReplica read:
                After(world.DiskTime, () => Read(read));
                break;
            case DropReplica drop:
                After(world.DiskTime, () => Drop(drop.FileId));
                break;
            case InsertProgressed progressed:
                _inserts[progressed.Operation].Receipts = progressed.Receipts;
                break;
            case InsertEnded ended:
                _inserts[ended.Operation].End(ended.Result, world.Simulation.Now);
                break;
            case LookupAnswered answered:
                After(CheckTime, () => CheckAnswer(answered));
                break;
            case LookupFailed failed:
                _lookups[failed.Operation].End(failed.Certain ? SimulatedOutcome.NotFound : SimulatedOutcome.Unreachable);
                break;
            default:
                throw new NotSupportedException($"The simulation does not know {effect}.");
        }
    }

    private bool Offers(FileId file) => _inserts.Values.Any(insert => insert.Result is null && insert.File.Id == file);

    private void Keep(KeepReplica keep)
    {
        var file = keep.Certificate.FileId;
        if (!world.Verify(keep.Certificate))
        {
            Kept(file, null, StoreRefusal.BadCertificate, CheckTime);
        }
        else if (store.Contains(file) || keep.Content is not null)
        {
            After(world.DiskTime, () => StoreNow(keep, keep.Content ?? default));
        }
        else
        {
            _arriving.Add(file);
            Fetch(keep, source: 0);
        }
    }

    private void Fetch(KeepReplica keep, int source)
    {
        var file = keep.Certificate.FileId;
        if (Offers(file))
        {
            After(world.DiskTime, () => StoreNow(keep, world.ContentOf(file)));
            return;
        }

        if (source == keep.Sources.Length)
        {
            Kept(file, null, StoreRefusal.SourceUnreachable, CheckTime);
            return;
        }

        var giver = world.ShellOf(keep.Sources[source].Id);
        var roundTrip = giver is null ? WaitInterval : 2 * world.Simulation.Network.Topology.Delay(_node.Host, giver.Node.Host);
        if (giver is { IsAlive: true } && giver != this && (giver.Store.Contains(file) || giver.Offers(file)))
        {
            After(roundTrip + TimeSpan.FromSeconds((double)keep.Certificate.ContentLength / world.BytesPerSecond), () =>
            {
                if (giver.IsAlive)
                {
                    StoreNow(keep, world.ContentOf(file));
                }
                else
                {
                    Fetch(keep, source + 1);
                }
            });
        }
        else if (giver is { IsAlive: true } && giver != this && giver._arriving.Contains(file))
        {
            After(roundTrip + WaitInterval, () => Fetch(keep, source));
        }
        else
        {
            After(roundTrip, () => Fetch(keep, source + 1));
        }
    }

    private void StoreNow(KeepReplica keep, ReadOnlyMemory<byte> content)
    {
        var certificate = keep.Certificate;
        var refusal = StoreRefusal.None;
        if (Completed(store.OpenAsync(certificate.FileId)) is { } stored)
        {
            refusal = stored.Certificate.Hash == certificate.Hash ? StoreRefusal.None : StoreRefusal.FileIdExists;
        }
        else
        {
            try
            {
                Completed(store.StoreAsync(certificate, content));
            }
            catch (ReplicaStoreFullException)
            {
                refusal = StoreRefusal.NoRoom;
            }
            catch (ContentVerificationException)
            {
                refusal = StoreRefusal.CorruptContent;
            }
        }

        var receipt = refusal == StoreRefusal.None
            ? StoreReceipt.Create(certificate, key, TestFiles.Created + TimeSpan.FromTicks(world.Simulation.Now.Ticks))
            : null;
        Kept(certificate.FileId, receipt, refusal, TimeSpan.Zero);
    }

    private void Kept(FileId file, StoreReceipt? receipt, StoreRefusal refusal, TimeSpan after)
    {
        world.CountKept();
        After(after, () =>
        {
            _arriving.Remove(file);
            Post(new ReplicaKept(file, receipt, refusal), TimeSpan.Zero);
        });
    }

    private void Read(ReadReplica read)
    {
        var outcome = TryRead(read.FileId) is var (certificate, content) ? new ReplicaRead(read, certificate, content) : new ReplicaRead(read, null, null);
        Post(outcome, TimeSpan.Zero);
    }

    /// <summary>Reads a replica; one that is damaged is put aside, and another asked for.</summary>
    private (FileCertificate Certificate, ReadOnlyMemory<byte>? Content)? TryRead(FileId file)
    {
        if (Completed(store.OpenAsync(file)) is not { } stored)
        {
            return null;
        }

        if (stored.Certificate.ContentLength > world.Options.InlineLengthMax)
        {
            return (stored.Certificate, null);
        }

        try
        {
            var content = new byte[stored.Certificate.ContentLength];
            Completed(stored.ReadLeafAsync(0, content));
            return (stored.Certificate, content);
        }
        catch (ReplicaCorruptException)
        {
            Completed(store.DeleteAsync(file));
            Post(new ReplicaDamaged(file), TimeSpan.Zero);
            return null;
        }
    }

    private void Drop(FileId file)
    {
        if (Completed(store.OpenAsync(file)) is { } stored)
        {
            Completed(store.DeleteAsync(file));
            world.Dropped(this, stored.Certificate);
        }
    }

    private void CheckAnswer(LookupAnswered answered)
    {
        var certificate = answered.Certificate;
        if (!world.Verify(certificate) || (answered.Content is { } content && ContentTree.Compute(content.Span).Root != certificate.ContentRoot))
        {
            Post(new LookupRejected(answered.Operation, answered.Holder), TimeSpan.Zero);
            return;
        }

        _lookups[answered.Operation].Found(answered);
        Post(new CancelOperation(answered.Operation), TimeSpan.Zero);
    }

    private void Post(PastInput input, TimeSpan after) => world.Simulation.Post(_node, Machine, input, after);

    /// <summary>Does something later, unless this life has ended by then.</summary>
    private void After(TimeSpan span, Action action) => world.Simulation.Schedule(span, () =>
    {
        if (IsAlive)
        {
            action();
        }
    });

    private static T Completed<T>(ValueTask<T> task) =>
        task.IsCompleted ? task.GetAwaiter().GetResult() : throw new InvalidOperationException("A store in memory answers at once.");

    private static void Completed(ValueTask task)
    {
        if (!task.IsCompleted)
        {
            throw new InvalidOperationException("A store in memory answers at once.");
        }

        task.GetAwaiter().GetResult();
    }
}
