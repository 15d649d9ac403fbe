using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using P2P.Past.Protocol;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace P2P.Past;

/// <summary>
/// Is PAST on a live node: it holds replicas for the ring, and stores and finds files for its user. Put it into
/// <see cref="PastryNodeOptions.Modules"/>.
/// </summary>
/// <example>
/// <code>
/// var past = new PastStore(new PastStoreOptions { Replicas = new MemoryReplicaStore(1 &lt;&lt; 30) });
/// await using var node = await PastryNode.StartAsync(new PastryNodeOptions { Modules = { past }, Bootstraps = { address } });
/// await node.WhenReadyAsync();
/// var result = await past.InsertFileAsync("notes.txt", owner);
/// </code>
/// </example>
public sealed class PastStore : IPastStore, IPastryModule
{
    private readonly PastOptions _protocol;
    private readonly PastStoreOptions _options;
    private readonly IReplicaStore _store;
    private readonly IReplicaStore? _copies;
    private readonly PastMachine _machine;
    private readonly SemaphoreSlim _places;
    private readonly PublicKey[] _brokers;
    private readonly QuotaGate _quota;
    private readonly PastMetrics _metrics;
    private readonly PastReadings _readings;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closing = new();
    private Shell? _shell;

    /// <summary>Prepares PAST for a node.</summary>
    /// <exception cref="PastException">An option is outside of its range.</exception>
    public PastStore(PastStoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options.Copy();
        _protocol = options.Protocol;
        _options = options;
        _store = options.Replicas;

        // The machine keeps the books, and where much comes and goes at once, memory may hold a little more for a moment.
        _copies = options.Cache is null ? null : options.Copies ?? new MemoryReplicaStore(long.MaxValue);
        if (_copies?.Usage.CapacityBytes < options.Cache?.CapacityBytes)
        {
            throw new PastException(
                $"The option {nameof(options.Copies)} holds {_copies.Usage.CapacityBytes} bytes, less than the {options.Cache.CapacityBytes} of {nameof(CacheOptions)}.{nameof(CacheOptions.CapacityBytes)}.");
        }

        _machine = new PastMachine(options.Protocol, _store, options.Cache);
        _places = new SemaphoreSlim(options.Protocol.OperationsMax);
        _brokers = [.. options.Brokers];
        _logger = (ILogger?)options.LoggerFactory?.CreateLogger<PastStore>() ?? NullLogger.Instance;
        _metrics = PastMetrics.Of(options.MeterFactory);
        _readings = new PastReadings(_store, _machine.CacheCounters, () => Repairs);
        _quota = new QuotaGate(options.Quota, _logger, _closing.Token);
    }

    /// <summary>The replicas that this node holds.</summary>
    public IReplicaStore Replicas => _store;

    /// <summary>What the node's cache holds and has done since the node started; null where it has none.</summary>
    public CacheStatistics? Cache => _machine.CacheCounters?.Read();

    /// <summary>Tells how far this node is with the replicas that it gives to others that lack them, as of about a second ago.</summary>
    public RepairProgress Repairs => _shell?.Effects.Repairs ?? default;

    PastryApplication IPastryModule.Application => _machine;

    private Shell Started => _shell ?? throw new InvalidOperationException("The store belongs to no node yet: put it into PastryNodeOptions.Modules and start the node.");

    /// <inheritdoc/>
    public async ValueTask<InsertResult> InsertAsync(
        string name, ISigner owner, IContentSource content, InsertOptions? options = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(content);
        options ??= new InsertOptions();
        options.Validate();
        options = options with { Salts = [.. options.Salts] };

        // Hashing may take long: what can be wrong is found before it.
        var (port, _, _, operations) = Started;
        return await _metrics.CountAsync(async () =>
        {
            var tree = await ContentTree.ComputeAsync(content, cancellationToken).ConfigureAwait(false);
            return await new SaltedInsert(port, operations, _quota, _protocol, name, owner, tree, content, options).RunAsync(cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
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
        var operations = Started.Operations;
        return await _metrics.CountAsync(async () =>
        {
            var tree = await ContentTree.ComputeAsync(content, cancellationToken).ConfigureAwait(false);
            if (tree.Root != certificate.ContentRoot || content.Length != certificate.ContentLength)
            {
                throw new PastException($"The content is not the one that the certificate of {certificate.FileId} was made for; insert it as a new file.");
            }

            return await operations.InsertAsync(certificate, tree, content, progress, cancellationToken).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<LookupResult> LookupAsync(FileId fileId, CancellationToken cancellationToken = default)
    {
        var operations = Started.Operations;
        return await _metrics.CountAsync(() => operations.LookupAsync(fileId, cancellationToken)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<ReclaimResult> ReclaimAsync(FileCertificate certificate, ISigner owner, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(owner);
        var (port, _, _, operations) = Started;
        return await _metrics.CountAsync(async () =>
        {
            if (!owner.PublicKey.Equals(certificate.Owner))
            {
                return ReclaimResult.NotOwner.Instance;
            }

            var reclaim = await ReclaimCertificate.CreateAsync(certificate, owner, port.Time.GetUtcNow(), cancellationToken).ConfigureAwait(false);
            var ended = await operations.ReclaimAsync(reclaim, cancellationToken).ConfigureAwait(false);
            await _quota.CreditAsync(reclaim, ended, cancellationToken).ConfigureAwait(false);
            return ended.Result;
        }).ConfigureAwait(false);
    }

    /// <summary>
    /// Reads every replica of this node and checks it. A damaged one is put aside, and another is fetched from the nodes that hold it too. Then the
    /// store checks itself.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The ids of the files whose replicas were damaged.</returns>
    /// <exception cref="PastException">The store is damaged beyond its replicas; the message says what to do.</exception>
    public async ValueTask<IReadOnlyList<FileId>> ScrubAsync(CancellationToken cancellationToken = default)
    {
        var damaged = new List<FileId>();
        var page = new StoredReplica[256];
        FileId? cursor = null;
        while (_store.List(KeyRange.All, cursor, page) is > 0 and var count)
        {
            for (var i = 0; i < count; i++)
            {
                if (await _store.VerifyAsync(page[i].FileId, cancellationToken).ConfigureAwait(false) == ReplicaCondition.Corrupt)
                {
                    _logger.Damaged(page[i].FileId);
                    damaged.Add(page[i].FileId);
                    await Started.Port.PostAsync(new ReplicaDamaged(page[i].FileId), cancellationToken).ConfigureAwait(false);
                }
            }

            cursor = page[count - 1].FileId;
        }

        if (await _store.SweepAsync(cancellationToken).ConfigureAwait(false) is > 0 and var strays)
        {
            _logger.Swept(strays);
        }

        return damaged;
    }

    /// <summary>
    /// Lets the node leave for good: from now on, and until it is started anew, it holds nothing for the ring, and hands each of its replicas to those that should hold the
    /// file without it. It lets go of one only when they all have theirs. Meanwhile it goes on to answer lookups, and to serve its own users.
    /// </summary>
    /// <param name="cancellationToken">
    /// Gives up waiting, not retiring; <see cref="IReplicaCatalog.Usage"/> of <see cref="Replicas"/> tells how many replicas are left. Some stay where the ring has not k other nodes
    /// for a file, or where these have no room.
    /// </param>
    /// <returns>
    /// A task that ends when no replica is left and none is on its way, also of what the node was asked to store before: then it can be stopped, and its directory thrown away.
    /// </returns>
    /// <exception cref="PastException">The node was stopped before.</exception>
    public async ValueTask RetireAsync(CancellationToken cancellationToken = default)
    {
        var (port, _, pending, _) = Started;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, port.Closing);
        try
        {
            await port.PostAsync(new BeginRetirement(), either.Token).ConfigureAwait(false);
            await pending.Retired.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (PastPort.IsStopping(exception))
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw new PastException("The node was stopped before others held all of its replicas.", exception);
        }
    }

    void IPastryModule.Attach(INodePort port)
    {
        if (_shell is { } attached)
        {
            throw new InvalidOperationException($"The store belongs to node {attached.Port.Self} already: make a {nameof(PastStore)} for each node, with replicas of its own.");
        }

        var past = new PastPort(port, _closing.Token);
        var pending = new PendingOperations(past);
        var effects = new EffectCarrier(past, _options, _brokers, _copies, pending, _logger);
        _shell = new Shell(past, effects, pending, new UserOperations(past, pending, _places, effects.Server, _protocol));
        if (_options.Copies is not null)
        {
            effects.EmptyCache();
        }

        _metrics.Add(_readings);
    }

    void IPastryModule.AcceptStream(TransportStream stream) => Started.Effects.Accept(stream);

    void IPastryModule.Perform(object effect) => Started.Effects.Perform((PastEffect)effect);

    /// <summary>Stops all work and closes the stores of replicas and of copies. The node does this when it stops.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closing.IsCancellationRequested)
        {
            return;
        }

        _metrics.Remove(_readings);
        _closing.Cancel();
        if (_shell is not null)
        {
            await _shell.Effects.DisposeAsync().ConfigureAwait(false);
        }

        await _store.DisposeAsync().ConfigureAwait(false);
        if (_copies is not null)
        {
            await _copies.DisposeAsync().ConfigureAwait(false);
        }
    }

    private sealed record Shell(PastPort Port, EffectCarrier Effects, PendingOperations Pending, UserOperations Operations);
}
