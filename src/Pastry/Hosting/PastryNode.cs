using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using P2P.Pastry.Protocol;
using P2P.Pastry.Transport;

namespace P2P.Pastry;

/// <summary>
/// Is a live Pastry node: it joins a ring or starts one, routes messages, and carries the modules that make it useful.
/// </summary>
public sealed partial class PastryNode : IAsyncDisposable
{
    /// <summary>How long it may take to find out how near another node is.</summary>
    private static readonly TimeSpan MeasuringMax = TimeSpan.FromSeconds(10);

    private readonly PastryNodeOptions _options;
    private readonly ILogger _logger;
    private readonly ModuleSet _modules;
    private readonly NeighborFeed _neighborFeed = new(NodePort.NewChannel<NeighborChanged>);
    private readonly PeerKeeper? _peers;
    private readonly Readiness _readiness = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private PastryHost? _host;
    private bool _ownsHost;
    private NodeIdentity? _identity;
    private LocalNode? _local;
    private PastryMachine? _machine;
    private NodeLoop? _loop;
    private ImmutableArray<NodeHandle> _neighbors = [];

    /// <summary>Prepares a node; <see cref="StartAsync(CancellationToken)"/> brings it to life.</summary>
    /// <exception cref="PastryException">An option is outside of its range.</exception>
    public PastryNode(PastryNodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options = options.Copy();
        _logger = (ILogger?)options.LoggerFactory?.CreateLogger<PastryNode>() ?? NullLogger.Instance;
        _modules = new ModuleSet(options.Modules, _logger);
        if (options.PeerMemory is { } memory)
        {
            _peers = new PeerKeeper(memory, token => QueryAsync((machine, _) => PeersToRemember.Of(machine), token), options.PeerMemoryInterval, options.Time, _logger);
        }
    }

    /// <summary>Who the node is; known once it has started.</summary>
    /// <exception cref="InvalidOperationException">The node has not been started.</exception>
    public NodeHandle Handle => Local.Handle;

    /// <summary>The clock that the node lives by.</summary>
    public TimeProvider Time => _options.Time;

    /// <summary>Tells whether the node routes and delivers: it has joined, and both ring neighbours have granted it a lease.</summary>
    public bool IsReady => _readiness.IsReady;

    /// <summary>The members of the leaf set as of now.</summary>
    public ImmutableArray<NodeHandle> Neighbors => _neighbors;

    internal NodeLoop Loop => _loop ?? throw NotRunning();

    internal SigningKey Key => _identity?.Key ?? throw NotRunning();

    internal CancellationToken Stopping => _stopping.Token;

    private LocalNode Local => _local ?? throw NotRunning();

    private ITransport Transport => _stopping.IsCancellationRequested || _host is null ? throw NotRunning() : _host.Transport;

    /// <summary>Waits until the node takes part in the ring. A node that can't join goes on trying; give up with the token.</summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="PastryException">
    /// The node has stopped; or it has failed, for the reason that the inner exception tells; or the ring is set to other
    /// <see cref="PastryOptions.BitsPerDigit"/> or <see cref="PastryOptions.LeafSetSize"/> than the node, or does not admit it, as the message says.
    /// </exception>
    public ValueTask WhenReadyAsync(CancellationToken cancellationToken = default) => _readiness.WaitAsync(cancellationToken);

    /// <summary>Finds out which node lives at an address.</summary>
    /// <exception cref="TransportException">Nobody answers there, or what answers is no host of this ring.</exception>
    public ValueTask<NodeHandle> ResolveAsync(NodeAddress address, CancellationToken cancellationToken = default) =>
        Transport.ResolveAsync(Local, address, cancellationToken);

    /// <summary>Shows the node's state as of now, in a few numbers; <see cref="GetSnapshotAsync"/> shows all of it.</summary>
    public async ValueTask<PastryStatus> GetStatusAsync(CancellationToken cancellationToken = default) =>
        await QueryAsync((machine, _) => PastryStatus.Of(machine), cancellationToken).ConfigureAwait(false);

    /// <summary>Shows all that the node knows of its ring, as of now: for a person who looks at it, or a program that draws it.</summary>
    public ValueTask<PastrySnapshot> GetSnapshotAsync(CancellationToken cancellationToken = default) => QueryAsync(PastrySnapshot.Of, cancellationToken);

    /// <summary>Lists the live nodes numerically closest to a key that this node knows of, closest first.</summary>
    public ValueTask<IReadOnlyList<NodeHandle>> ReplicaSetAsync(NodeId key, int max, CancellationToken cancellationToken = default) =>
        QueryAsync((machine, _) => machine.ReplicaSet(key, max), cancellationToken);

    /// <summary>Follows the changes of the leaf set, from now on. Who reads too slowly misses the oldest changes.</summary>
    public IAsyncEnumerable<NeighborChanged> NeighborChangesAsync(CancellationToken cancellationToken = default) =>
        _neighborFeed.FollowAsync(cancellationToken);

    internal async ValueTask ReceiveAsync(MessageBatch batch, CancellationToken cancellationToken)
    {
        try
        {
            await Loop.PostAsync(batch, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or PastryException)
        {
            // Nobody listens any more; messages may be lost.
            batch.Return();
        }
    }

    internal bool TryAcceptStream(TransportStream stream, PastryApplicationId application) => _modules.TryAcceptStream(stream, application);

    internal void PeerDown(NodeHandle peer, PeerDownReason reason)
    {
        LogPeerDown(peer, reason);
        _loop?.TryPost(new PeerDownInput(peer));
    }

    internal ValueTask<TransportStream> OpenStreamAsync(PastryApplicationId application, NodeHandle to, CancellationToken cancellationToken) =>
        Transport.OpenStreamAsync(Local, to, application, cancellationToken);

    internal void StartWork(Func<Task> work) => _ = Task.Run(
        async () =>
        {
            try
            {
                await work().ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                LogWorkFailed(exception);
            }
        },
        CancellationToken.None);

    internal ValueTask<T> QueryAsync<T>(Func<PastryMachine, Instant, T> query, CancellationToken cancellationToken) =>
        Loop.QueryAsync(query, cancellationToken);

    private void NeighborsChanged(NeighborUpdate update)
    {
        _neighbors = [.. _machine!.LeafSet.Members];
        Favor(_machine);
        _neighborFeed.Publish(new NeighborChanged(update.Node, update.Change));
    }

    /// <summary>Tells the transport whom the node needs. Neighbours change with an effect; entries of the table change silently, and are told in rounds.</summary>
    private void Favor(PastryMachine machine)
    {
        var entries = new List<NodeHandle>();
        for (var row = 0; row < machine.Table.RowCount; row++)
        {
            entries.AddRange(machine.Table.Row(row).Where(node => machine.Table.HasSpoken(node.Id)));
        }

        _host!.Transport.Favor(Local, _neighbors, entries);
    }

    private async Task ResolveBootstrapAsync(int index)
    {
        var address = _options.Bootstraps[index];
        try
        {
            var bootstrap = await _host!.Transport.ResolveAsync(Local, address, _stopping.Token).ConfigureAwait(false);
            await Loop.PostAsync(new BootstrapResolvedInput(index, bootstrap), _stopping.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The node is stopping.
        }
        catch (Exception exception)
        {
            // Where the node is stopping, nobody takes it.
            Loop.TryPost(exception is TransportException { Reason: PeerDownReason.NotAdmitted }
                ? new BootstrapRefusedInput(index, exception.Message)
                : new BootstrapUnreachableInput(index, exception.Message));
        }
    }

    /// <summary>An answer comes always, also where a host's own metric is stuck: the machine waits for it.</summary>
    private async Task MeasureProximityAsync(NodeHandle target)
    {
        TimeSpan? proximity = null;
        try
        {
            if ((_options.Proximity ?? _host!.Transport as IProximityMetric) is { } metric)
            {
                proximity = await metric.MeasureAsync(target, _stopping.Token).AsTask().WaitAsync(MeasuringMax, Time, _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (Exception exception)
        {
            LogNotMeasured(target, exception.Message);
        }

        try
        {
            await Loop.PostAsync(new ProximityMeasuredInput(target, proximity), _stopping.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or PastryException or InvalidOperationException)
        {
            // The node is stopping.
        }
    }

    private sealed class Effects(PastryNode node) : INodeEffects
    {
        public void Perform(Effect effect)
        {
            switch (effect)
            {
                case MeasureProximity measure:
                    _ = node.MeasureProximityAsync(measure.Node);
                    break;
                case ResolveBootstrap resolve:
                    _ = node.ResolveBootstrapAsync(resolve.Index);
                    break;
                case JoinAttemptFailed failed:
                    node.LogJoinAttemptFailed(failed.Attempt, failed.Reason);
                    break;
                case JoinRefused refused:
                    node.LogJoinRefused(refused.Reason);
                    node.Fail(new PastryException($"The node can't join the ring. {refused.Reason}"));
                    break;
                case RingFounded founded:
                    node.LogRingFounded(founded.Absent);
                    break;
                case ReadyChanged changed:
                    node._readiness.Set(changed.Ready);
                    node.LogReadyChanged(node.Local.Handle, changed.Ready);
                    break;
                case NeighborUpdate update:
                    node.NeighborsChanged(update);
                    break;
                case PeerDeclaredDead dead:
                    node.LogPeerDead(dead.Node);
                    break;
                case ApplicationEffect application:
                    node._modules.Perform(application);
                    break;
                case ApplicationFailed failed:
                    node.LogApplicationFailed(failed.Exception, failed.Application.GetType().Name);
                    break;
                default:
                    break;
            }
        }
    }
}
