using Microsoft.Extensions.Logging;
using P2P.Past.Protocol;
using P2P.Past.Wire;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace P2P.Past;

/// <summary>
/// Carries out what the machine wants, each sort of work within bounds of its own: checks of signatures wait for no disk, readers don't keep
/// writers from their turn, nor those who wait for a peer's content those who have theirs. Of one sort, peers take turns.
/// </summary>
/// <remarks>
/// What is beyond a bound is not done, and nobody is worse off than by a lost message: clients try again, maintenance has another round.
/// </remarks>
internal sealed class EffectCarrier : IAsyncDisposable
{
    /// <summary>How many checks may wait: more than the machine asks for while it keeps its own bounds.</summary>
    private const int WaitingChecksMax = 16_384;

    private const int WaitingReadsMax = 4_096;

    private readonly PastPort _port;
    private readonly IReplicaStore _store;
    private readonly PendingOperations _pending;
    private readonly CertificateVerifier _verifier;
    private readonly ILogger _logger;
    private readonly TimeSpan _stallTimeout;
    private readonly ReplicaReader _reader;
    private readonly ReplicaKeeper _keeper;
    private readonly RunningFetches _fetches = new();
    private readonly ReplicaReclaimer _reclaimer;
    private readonly BackgroundWork _checks;
    private readonly BackgroundWork _reads;
    private readonly BackgroundWork _transfers;
    private readonly BackgroundWork _writes;
    private readonly BackgroundWork _streams;
    private readonly HolderSearch _search;
    private readonly CopyKeeper? _copies;
    private readonly BackgroundWork _copying;
    private volatile RepairsProgressed? _repairs;

    public EffectCarrier(PastPort port, PastStoreOptions storeOptions, PublicKey[] brokers, IReplicaStore? copies, PendingOperations pending, ILogger logger)
    {
        var (store, options) = (storeOptions.Replicas, storeOptions.Protocol);
        _port = port;
        _store = store;
        _pending = pending;
        _logger = logger;
        _stallTimeout = options.StallTimeout;
        _verifier = new CertificateVerifier(brokers);
        _reader = new ReplicaReader(port, store, copies, options, logger);
        Server = new ReplicaServer(store, port.Time, options.StallTimeout, fileId => StartRead(port.Self.Id, () => _reader.QuarantineAsync(fileId)), copies);
        _keeper = new ReplicaKeeper(port, store, options, _verifier, Server);
        _reclaimer = new ReplicaReclaimer(port, store, options, logger);
        _search = new HolderSearch(port, pending);
        _copies = copies is null ? null : new CopyKeeper(port, copies, options, logger);
        _checks = new BackgroundWork(Environment.ProcessorCount, WaitingChecksMax, port.Start, Failed);
        _reads = new BackgroundWork(options.ReadsMax, WaitingReadsMax, port.Start, Failed);

        // The machine has at most this many under way; one whose outcome is posted may not have given its place back yet.
        _transfers = new BackgroundWork(options.TransfersMax, options.TransfersMax, port.Start, Failed);
        _writes = new BackgroundWork(options.TransfersMax, options.TransfersMax, port.Start, Failed);
        _streams = new BackgroundWork(options.ServedStreamsMax, 0, port.Start, Failed);

        // What waits to be kept has its room already, which bounds how much that is.
        _copying = new BackgroundWork(storeOptions.Cache?.FetchesMax ?? 1, int.MaxValue, port.Start, Failed);
    }

    public ReplicaServer Server { get; }

    /// <summary>Begins with an empty cache.</summary>
    public void EmptyCache()
    {
        if (_copies is not null)
        {
            _copying.TryStart(_copies.EmptyAsync);
        }
    }

    /// <summary>How far the node is with what others lack, as of its last report.</summary>
    public RepairProgress Repairs => _repairs?.Progress ?? default;

    /// <summary>Serves a stream, or closes it where too many are served: who asks goes to another holder.</summary>
    public void Accept(TransportStream stream)
    {
        if (!_streams.TryStart(() => Server.ServeAsync(stream, _port.Closing)))
        {
            _ = CloseAsync(stream);
        }
    }

    public void Perform(PastEffect effect)
    {
        switch (effect)
        {
            case CheckCertificate check:
                StartCheck(check.Client, () => _port.PostAsync(new CertificateChecked(check.Token, _verifier.Judge(check.Certificate))).AsTask());
                break;
            case CheckReceipt check:
                StartCheck(check.Holder.Id, () => _port.PostAsync(new ReceiptChecked(check.Operation, check.Holder, check.Receipt, check.Receipt.Verify())).AsTask());
                break;
            case LookupAnswered answered:
                CheckAnswer(answered);
                break;
            case KeepReplica keep:
                Keep(keep);
                break;
            case EndFetch ended:
                _fetches.End(ended.FileId);
                break;
            case AnswerForReplica answer:
                StartCheck(_port.Self.Id, () => _port.PostAsync(_keeper.AnswerFor(answer.Certificate)).AsTask());
                break;
            case RelayReplica relay:
                Server.Relay(relay.Replica.Certificate, new ContentRelay(_port, _stallTimeout, relay.Replica));
                break;
            case EndRelay ended:
                Server.EndRelay(ended.FileId);
                break;
            case ReadReplica read:
                StartRead(read.To.Id, () => _reader.ReadAsync(read));
                break;
            case CheckCopy check:
                CheckCopy(check);
                break;
            case KeepCopy keep when _copies is not null:
                _copying.TryStart(() => _copies.KeepAsync(keep));
                break;
            case DropCopies drop when _copies is not null:
                _copying.TryStart(() => _copies.DropAsync(drop.FileIds));
                break;
            case DropReplica drop:
                _logger.Dropped(drop.FileId);
                StartRead(_port.Self.Id, () => DropAsync(drop.FileId));
                break;
            case RepairsProgressed progressed:
                _repairs = progressed;
                break;
            case ReclaimReplica reclaim:
                StartRead(reclaim.From.Id, () => _reclaimer.ReclaimAsync(reclaim));
                break;
            case TellReclaimed tell:
                StartRead(tell.To.Id, () => _reclaimer.TellAsync(tell));
                break;
            case ForgetReclaimed:
                StartRead(_port.Self.Id, _reclaimer.ForgetAsync);
                break;
            case CheckReclaimReceipt check:
                StartCheck(check.Holder.Id, () => _port.PostAsync(new ReclaimReceiptChecked(check.Operation, check.Holder, check.Receipt, check.Receipt.Verify())).AsTask());
                break;
            case ReclaimEnded ended:
                _pending.Apply(ended);
                break;
            case RetirementEnded:
                _pending.EndRetirement();
                break;
            case InsertProgressed progressed:
                _pending.Apply(progressed);
                break;
            case InsertEnded ended:
                _pending.Apply(ended);
                break;
            case LookupFailed failed:
                _pending.Apply(failed);
                break;
            default:
                break;
        }
    }

    /// <summary>Waits for what is under way; the port must be closing.</summary>
    public async ValueTask DisposeAsync()
    {
        await _streams.DisposeAsync().ConfigureAwait(false);
        await _transfers.DisposeAsync().ConfigureAwait(false);
        await _writes.DisposeAsync().ConfigureAwait(false);
        await _copying.DisposeAsync().ConfigureAwait(false);
        await _checks.DisposeAsync().ConfigureAwait(false);
        await _reads.DisposeAsync().ConfigureAwait(false);
    }

    private void StartCheck(NodeId peer, Func<Task> check) => TryStartCheck(peer, check);

    private bool TryStartCheck(NodeId peer, Func<Task> check)
    {
        if (_checks.TryStart(peer, check))
        {
            return true;
        }

        _logger.Overloaded("a check of a signature");
        return false;
    }

    private void StartRead(NodeId peer, Func<Task> read)
    {
        if (!(peer == _port.Self.Id ? _reads.TryStart(read) : _reads.TryStart(peer, read)))
        {
            _logger.Overloaded("the reading of a replica");
        }
    }

    private void Keep(KeepReplica keep)
    {
        var stored = new TaskCompletionSource();
        var ended = CancellationToken.None;
        if (keep.Content is null)
        {
            Server.Announce(keep.Certificate.FileId, stored.Task);
            ended = _fetches.Begin(keep.Certificate.FileId, stored.Task);
        }

        if (!(keep.Content is null ? _transfers : _writes).TryStart(() => KeepAsync(keep, stored, ended)))
        {
            stored.SetResult();
            _logger.Overloaded("the storing of a replica");
        }
    }

    private async Task KeepAsync(KeepReplica keep, TaskCompletionSource stored, CancellationToken ended)
    {
        var outcome = new ReplicaKept(keep.Certificate.FileId, null, RefusalCode.StorageFailed);
        try
        {
            outcome = await _keeper.KeepAsync(keep, _port.Closing, ended).ConfigureAwait(false);
        }
        catch (Exception exception) when (!PastPort.IsStopping(exception) || !_port.Closing.IsCancellationRequested)
        {
            // Whatever a store throws, the machine has to hear of the end: it counts who is at work.
            _logger.KeepFailed(exception, keep.Certificate.FileId);
        }
        finally
        {
            stored.TrySetResult();
        }

        await _port.PostAsync(outcome, _port.Closing).ConfigureAwait(false);
    }

    private async Task DropAsync(FileId fileId)
    {
        await _store.DeleteAsync(fileId, _port.Closing).ConfigureAwait(false);
        await _port.PostAsync(new ReplicaDropped(fileId)).ConfigureAwait(false);
    }

    private void CheckAnswer(LookupAnswered answer)
    {
        if (!TryStartCheck(answer.Holder.Id, () => CheckAnswerAsync(answer)))
        {
            // The operation waits for this check, and for no other meanwhile.
            _port.Start(() => _port.PostAsync(new LookupRejected(answer.Operation, answer.Holder, WasChecked: false)).AsTask());
        }
    }

    private async Task CheckAnswerAsync(LookupAnswered answer)
    {
        if (!_pending.IsLookedUp(answer.Operation))
        {
            return;
        }

        var certificate = answer.Certificate;
        if (!await IsRightAsync(certificate, answer.Content).ConfigureAwait(false))
        {
            _logger.Lied(answer.Holder, certificate.FileId);
            await _port.PostAsync(new LookupRejected(answer.Operation, answer.Holder)).ConfigureAwait(false);
            return;
        }

        if (_pending.TryApply(answer.Operation, [answer.Holder, .. answer.Others]))
        {
            return;
        }

        var file = answer.Content is { } content
            ? new PastFile(certificate, content)
            : new PastFile(certificate, new ContentFetcher(_port, _stallTimeout, certificate, [answer.Holder, .. answer.Others], _reader, _search));
        _pending.Apply(answer.Operation, new LookupResult.Found(file));

        // Large content is on its way to the user, if at all: to fetch it a second time would not be worth it.
        if (_copies is not null && answer.Content is not null)
        {
            await _port.PostAsync(new AnswerBelieved(answer)).ConfigureAwait(false);
        }
    }

    private void CheckCopy(CheckCopy check)
    {
        if (!TryStartCheck(check.Source.Id, async () =>
            await _port.PostAsync(new CopyChecked(check, await IsRightAsync(check.Certificate, check.Content).ConfigureAwait(false))).ConfigureAwait(false)))
        {
            _port.Start(() => _port.PostAsync(new CopyChecked(check, Valid: false)).AsTask());
        }
    }

    private async ValueTask<bool> IsRightAsync(FileCertificate certificate, ReadOnlyMemory<byte>? content) =>
        _verifier.Verify(certificate) && (content is not { } bytes || await MatchesAsync(certificate, bytes).ConfigureAwait(false));

    private static async ValueTask<bool> MatchesAsync(FileCertificate certificate, ReadOnlyMemory<byte> content) =>
        content.Length == certificate.ContentLength
        && (await ContentTree.ComputeAsync(ContentSource.FromBytes(content)).ConfigureAwait(false)).Root == certificate.ContentRoot;

    private async Task CloseAsync(TransportStream stream)
    {
        try
        {
            await stream.DisposeAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            Failed(exception);
        }
    }

    private void Failed(Exception exception)
    {
        if (!PastPort.IsStopping(exception))
        {
            _logger.WorkFailed(exception);
        }
    }
}
