using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using P2P.Past.Protocol;
using P2P.Past.Wire;
using P2P.Pastry;
using P2P.Pastry.Hosting;
using P2P.Pastry.Identity;
using P2P.Pastry.Transport;

namespace P2P.Past.Hosting;

/// <summary>
/// Is PAST on a live node: it holds replicas for the ring, and stores and finds files for its user. Put it into
/// <see cref="PastryNodeOptions.Modules"/>.
/// </summary>
/// <example>
/// <code>
/// var past = new PastStore(new PastStoreOptions { Replicas = new MemoryReplicaStore(1 &lt;&lt; 30) });
/// await using var node = await PastryNode.StartAsync(new PastryNodeOptions { Modules = { past }, Bootstraps = { address } });
/// await node.WhenReadyAsync();
/// var result = await past.InsertAsync("notes.txt", owner, ContentSource.FromFile("notes.txt"));
/// </code>
/// </example>
public sealed partial class PastStore : IPastStore, IPastryModule
{
    private const int SaltLength = 16;

    private readonly PastStoreOptions _options;
    private readonly IReplicaStore _store;
    private readonly PastMachine _machine;
    private readonly ILogger _logger;
    private readonly CertificateVerifier _verifier = new();
    private readonly ConcurrentDictionary<ulong, PendingInsert> _inserts = new();
    private readonly ConcurrentDictionary<ulong, PendingLookup> _lookups = new();
    private readonly ConcurrentDictionary<long, Task> _work = new();
    private readonly CancellationTokenSource _closing = new();
    private INodePort? _port;
    private ReplicaServer? _server;
    private ReplicaKeeper? _keeper;
    private long _lastWork;

    /// <summary>Prepares PAST for a node.</summary>
    /// <exception cref="PastException">An option is outside of its range.</exception>
    public PastStore(PastStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        _options = options;
        _store = options.Replicas;
        _machine = new PastMachine(options.Protocol, _store);
        _logger = (ILogger?)options.LoggerFactory?.CreateLogger<PastStore>() ?? NullLogger.Instance;
    }

    /// <summary>The replicas that this node holds.</summary>
    public IReplicaStore Replicas => _store;

    PastryApplication IPastryModule.Application => _machine;

    private INodePort Port => _port ?? throw new InvalidOperationException("The store belongs to no node yet: put it into PastryNodeOptions.Modules and start the node.");

    /// <inheritdoc/>
    public async ValueTask<InsertResult> InsertAsync(
        string name,
        SigningKey owner,
        IContentSource content,
        int replicaCount = 3,
        ReadOnlyMemory<byte> metadata = default,
        IProgress<InsertProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(content);
        var tree = await ContentTree.ComputeAsync(content, cancellationToken).ConfigureAwait(false);
        var salt = new byte[SaltLength];
        Port.FillRandom(salt);
        var certificate = FileCertificate.Create(name, owner, tree, replicaCount, salt, Port.Time.GetUtcNow(), metadata.Span);
        return await InsertAsync(certificate, tree, content, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<InsertResult> ResumeInsertAsync(
        FileCertificate certificate,
        IContentSource content,
        IProgress<InsertProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(content);
        var tree = await ContentTree.ComputeAsync(content, cancellationToken).ConfigureAwait(false);
        if (tree.Root != certificate.ContentRoot || content.Length != certificate.ContentLength)
        {
            throw new PastException($"The content is not the one that the certificate of {certificate.FileId} was made for; insert it as a new file.");
        }

        return await InsertAsync(certificate, tree, content, progress, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<LookupResult> LookupAsync(FileId fileId, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var operation = NewOperation();
        var lookup = new PendingLookup();
        _lookups[operation] = lookup;
        try
        {
            await Port.PostAsync(new StartLookup(operation, fileId), cancellationToken).ConfigureAwait(false);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _closing.Token);
            return await lookup.Ended.Task.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (IsStopping(exception))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new PastException($"The node was stopped before the lookup of {fileId} was answered.", exception);
        }
        finally
        {
            _lookups.TryRemove(operation, out _);
            Post(new CancelOperation(operation));
        }
    }

    /// <summary>
    /// Reads every replica of this node and checks it. A damaged one is put aside, and another is fetched from the nodes that hold it too.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The ids of the files whose replicas were damaged.</returns>
    public async ValueTask<IReadOnlyList<FileId>> ScrubAsync(CancellationToken cancellationToken = default)
    {
        var damaged = new List<FileId>();
        var page = new FileId[256];
        FileId? cursor = null;
        while (_store.List(KeyRange.All, cursor, page) is > 0 and var count)
        {
            for (var i = 0; i < count; i++)
            {
                if (await _store.VerifyAsync(page[i], cancellationToken).ConfigureAwait(false) == ReplicaCondition.Corrupt)
                {
                    LogDamaged(page[i]);
                    damaged.Add(page[i]);
                    await Port.PostAsync(new ReplicaDamaged(page[i]), cancellationToken).ConfigureAwait(false);
                }
            }

            cursor = page[count - 1];
        }

        return damaged;
    }

    void IPastryModule.Attach(INodePort port)
    {
        _port = port;
        _server = new ReplicaServer(_store, port.Time, fileId => Start(() => QuarantineAsync(fileId)));
        _keeper = new ReplicaKeeper(port, _store, _verifier, _server);
    }

    void IPastryModule.AcceptStream(TransportStream stream) => Start(() => _server!.ServeAsync(stream, _closing.Token));

    void IPastryModule.Perform(object effect)
    {
        switch ((PastEffect)effect)
        {
            case CheckCertificate check:
                Start(() => PostAsync(new CertificateChecked(check.Token, _verifier.Verify(check.Certificate))));
                break;
            case CheckReceipt check:
                Start(() => PostAsync(new ReceiptChecked(check.Operation, check.Holder, check.Receipt, check.Receipt.Verify())));
                break;
            case KeepReplica keep:
                Keep(keep);
                break;
            case ReadForLookup read:
                Start(() => ReadForLookupAsync(read));
                break;
            case ReadForReplica read:
                Start(() => ReadForReplicaAsync(read));
                break;
            case DescribeReplicas describe:
                Start(() => DescribeAsync(describe));
                break;
            case DropReplica drop:
                LogDropped(drop.FileId);
                Start(() => _store.DeleteAsync(drop.FileId, _closing.Token).AsTask());
                break;
            case InsertProgressed progressed when _inserts.TryGetValue(progressed.Operation, out var insert):
                insert.Progress?.Report(new InsertProgress(progressed.Receipts, progressed.Replicas));
                break;
            case InsertEnded ended when _inserts.TryGetValue(ended.Operation, out var insert):
                Complete(() => insert.Ended.TrySetResult(ended.Result));
                break;
            case LookupAnswered answered:
                Start(() => CheckAnswerAsync(answered));
                break;
            case LookupFailed failed when _lookups.TryGetValue(failed.Operation, out var lookup):
                Complete(() => lookup.Ended.TrySetResult(failed.Certain ? LookupResult.NotFound.Instance : LookupResult.Unreachable.Instance));
                break;
            default:
                break;
        }
    }

    /// <summary>Stops all work and closes the replica store. The node does this when it stops.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
        {
            return;
        }

        _closing.Cancel();
        while (!_work.IsEmpty)
        {
            await Task.WhenAll(_work.Values).ConfigureAwait(false);
        }

        await _store.DisposeAsync().ConfigureAwait(false);
    }

    private async ValueTask<InsertResult> InsertAsync(
        FileCertificate certificate, ContentTree tree, IContentSource content, IProgress<InsertProgress>? progress, CancellationToken cancellationToken)
    {
        var source = new SourceContent(certificate, tree, content);
        await using (source.ConfigureAwait(false))
        {
            var inline = await ReadInlineAsync(source, cancellationToken).ConfigureAwait(false);
            if (inline is null)
            {
                _server!.Offer(source);
            }

            var operation = NewOperation();
            var insert = new PendingInsert(progress);
            _inserts[operation] = insert;
            try
            {
                await Port.PostAsync(new StartInsert(operation, certificate, inline), cancellationToken).ConfigureAwait(false);
                using var cancelling = cancellationToken.Register(() => Post(new CancelOperation(operation)));
                await Task.WhenAny(insert.Ended.Task, source.Failed).WaitAsync(_closing.Token).ConfigureAwait(false);
                if (!insert.Ended.Task.IsCompleted)
                {
                    Post(new CancelOperation(operation));
                    throw await source.Failed.ConfigureAwait(false);
                }

                return await insert.Ended.Task.ConfigureAwait(false);
            }
            catch (Exception exception) when (IsStopping(exception))
            {
                cancellationToken.ThrowIfCancellationRequested();
                throw new PastException(
                    $"The node was stopped before the insert of {certificate.FileId} was done; some replicas may have been stored.", exception);
            }
            finally
            {
                _inserts.TryRemove(operation, out _);
                _server!.TakeBack(source);
            }
        }
    }

    private async ValueTask<ReadOnlyMemory<byte>?> ReadInlineAsync(SourceContent source, CancellationToken cancellationToken)
    {
        if (source.Certificate.ContentLength > _options.Protocol.InlineLengthMax)
        {
            return null;
        }

        var bytes = new byte[source.Certificate.ContentLength];
        await source.ReadLeafAsync(0, bytes, cancellationToken).ConfigureAwait(false);
        return bytes;
    }

    private void Keep(KeepReplica keep)
    {
        var stored = new TaskCompletionSource();
        if (keep.Content is null)
        {
            _server!.Announce(keep.Certificate.FileId, stored.Task);
        }

        Start(async () =>
        {
            var outcome = new ReplicaKept(keep.Certificate.FileId, null, StoreRefusal.StorageFailed);
            try
            {
                outcome = await _keeper!.KeepAsync(keep, _closing.Token).ConfigureAwait(false);
            }
            catch (PastException exception)
            {
                LogKeepFailed(exception, keep.Certificate.FileId);
            }
            finally
            {
                stored.TrySetResult();
                Post(outcome);
            }
        });
    }

    private async Task ReadForLookupAsync(ReadForLookup read)
    {
        var stored = await TryOpenAsync(read.FileId).ConfigureAwait(false);
        PastMessage answer = new LookupAbsent(read.Operation);
        if (stored is not null)
        {
            await using (stored.ConfigureAwait(false))
            {
                var key = read.FileId.RoutingKey;
                var others = await Port.ReplicaSetAsync(key, stored.Certificate.ReplicaCount, _closing.Token).ConfigureAwait(false);
                NodeHandle[] holders = [.. others.Where(holder => holder.Id != Port.Handle.Id)];
                if (await TryReadInlineAsync(stored).ConfigureAwait(false) is var (intact, content) && intact)
                {
                    answer = new LookupFound(read.Operation, stored.Certificate, content, holders);
                }
            }
        }

        await PostAsync(new ReplicaRead(read.Client, read.FileId, answer)).ConfigureAwait(false);
    }

    private async Task ReadForReplicaAsync(ReadForReplica read)
    {
        if (await TryOpenAsync(read.FileId).ConfigureAwait(false) is not { } stored)
        {
            return;
        }

        await using (stored.ConfigureAwait(false))
        {
            if (await TryReadInlineAsync(stored).ConfigureAwait(false) is var (intact, content) && intact)
            {
                var request = new StoreRequest(operation: 0, Port.Handle, stored.Certificate, content, [Port.Handle]);
                await PostAsync(new ReplicaRead(read.To, read.FileId, request)).ConfigureAwait(false);
            }
        }
    }

    private async Task DescribeAsync(DescribeReplicas describe)
    {
        var described = new List<OfferedReplica>(describe.Files.Length);
        foreach (var file in describe.Files)
        {
            try
            {
                if (await TryOpenAsync(file).ConfigureAwait(false) is { } stored)
                {
                    await using (stored.ConfigureAwait(false))
                    {
                        described.Add(new OfferedReplica(file, stored.Certificate.ReplicaCount));
                    }
                }
            }
            catch (PastException exception)
            {
                // The round goes on without it: one bad sector must not end all repair.
                LogReadFailed(exception, file);
            }
        }

        await PostAsync(new ReplicasDescribed([.. described])).ConfigureAwait(false);
    }

    private async Task CheckAnswerAsync(LookupAnswered answer)
    {
        if (!_lookups.TryGetValue(answer.Operation, out var lookup))
        {
            return;
        }

        var certificate = answer.Certificate;
        if (!_verifier.Verify(certificate) || (answer.Content is { } bytes && !await MatchesAsync(certificate, bytes).ConfigureAwait(false)))
        {
            LogLied(answer.Holder, certificate.FileId);
            await PostAsync(new LookupRejected(answer.Operation, answer.Holder)).ConfigureAwait(false);
            return;
        }

        var file = answer.Content is { } content
            ? new PastFile(certificate, content)
            : new PastFile(certificate, new ContentFetcher(Port, certificate, [answer.Holder, .. answer.Others]));
        Complete(() => lookup.Ended.TrySetResult(new LookupResult.Found(file)));
    }

    private static async ValueTask<bool> MatchesAsync(FileCertificate certificate, ReadOnlyMemory<byte> content) =>
        content.Length == certificate.ContentLength
        && (await ContentTree.ComputeAsync(ContentSource.FromBytes(content)).ConfigureAwait(false)).Root == certificate.ContentRoot;

    private async ValueTask<IVerifiedContent?> TryOpenAsync(FileId fileId)
    {
        try
        {
            return await _store.OpenAsync(fileId, _closing.Token).ConfigureAwait(false);
        }
        catch (ReplicaCorruptException)
        {
            await QuarantineAsync(fileId).ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>Reads content that travels within a message; large content is null, and intact as far as is known.</summary>
    private async ValueTask<(bool Intact, ReadOnlyMemory<byte>? Content)> TryReadInlineAsync(IVerifiedContent stored)
    {
        if (stored.Certificate.ContentLength > _options.Protocol.InlineLengthMax)
        {
            return (true, null);
        }

        try
        {
            var content = new byte[stored.Certificate.ContentLength];
            await stored.ReadLeafAsync(0, content, _closing.Token).ConfigureAwait(false);
            return (true, content);
        }
        catch (ReplicaCorruptException)
        {
            await QuarantineAsync(stored.Certificate.FileId).ConfigureAwait(false);
            return (false, null);
        }
    }

    /// <summary>Tells whether an exception is how work ends when the node stops.</summary>
    private static bool IsStopping(Exception exception) =>
        exception is OperationCanceledException or ObjectDisposedException or (PastryException and not TransportException);

    private async Task QuarantineAsync(FileId fileId)
    {
        LogDamaged(fileId);
        await _store.VerifyAsync(fileId, _closing.Token).ConfigureAwait(false);
        await PostAsync(new ReplicaDamaged(fileId)).ConfigureAwait(false);
    }

    private Task PostAsync(PastInput input) => Port.PostAsync(input, _closing.Token).AsTask();

    private void Post(PastInput input) => Start(() => PostAsync(input));

    /// <summary>Starts work in the background, which disposal waits for.</summary>
    private void Start(Func<Task> work)
    {
        var number = Interlocked.Increment(ref _lastWork);
        var started = new TaskCompletionSource();
        _work[number] = started.Task;
        Port.Start(async () =>
        {
            try
            {
                await work().ConfigureAwait(false);
            }
            catch (Exception exception) when (IsStopping(exception))
            {
                // The node is stopping.
            }
            catch (Exception exception)
            {
                LogWorkFailed(exception);
            }
            finally
            {
                _work.TryRemove(number, out _);
                started.SetResult();
            }
        });
    }

    /// <summary>Lets users go on who wait; what they do then is their own work, which nobody here waits for.</summary>
    private void Complete(Action completion) => Port.Start(() =>
    {
        completion();
        return Task.CompletedTask;
    });

    private ulong NewOperation()
    {
        Span<byte> number = stackalloc byte[sizeof(ulong)];
        Port.FillRandom(number);
        return BitConverter.ToUInt64(number) & TimerTokens.OperationMask | 1;
    }

    private sealed class PendingInsert(IProgress<InsertProgress>? progress)
    {
        public IProgress<InsertProgress>? Progress { get; } = progress;

        public TaskCompletionSource<InsertResult> Ended { get; } = new();
    }

    private sealed class PendingLookup
    {
        public TaskCompletionSource<LookupResult> Ended { get; } = new();
    }
}
