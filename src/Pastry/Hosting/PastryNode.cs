using System.Collections.Immutable;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using P2P.Pastry.Identity;
using P2P.Pastry.Protocol;
using P2P.Pastry.Transport;

namespace P2P.Pastry.Hosting;

/// <summary>
/// Is a live Pastry node: it joins a ring or starts one, routes messages, and carries the modules that make it useful.
/// </summary>
public sealed partial class PastryNode : IAsyncDisposable
{
    /// <summary>The longest payload of a message, in bytes. Longer content travels as a stream.</summary>
    public const int MaxPayloadLength = 64 * 1024;

    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(5);

    private readonly PastryNodeOptions _options;
    private readonly ILogger _logger;
    private readonly Dictionary<PastryApplicationId, IPastryModule> _modules;
    private readonly Lock _gate = new();
    private readonly NeighborFeed _neighborFeed = new();
    private readonly CancellationTokenSource _stopping = new();
    private PastryHost? _host;
    private bool _ownsHost;
    private NodeIdentity? _identity;
    private LocalNode? _local;
    private PastryMachine? _machine;
    private NodeLoop? _loop;
    private Task _running = Task.CompletedTask;
    private TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private ImmutableArray<NodeHandle> _neighbors = [];
    private int _state;

    /// <summary>Prepares a node; <see cref="StartAsync(CancellationToken)"/> brings it to life.</summary>
    /// <exception cref="PastryException">An option is outside of its range.</exception>
    public PastryNode(PastryNodeOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        _options = options;
        _logger = (ILogger?)options.LoggerFactory?.CreateLogger<PastryNode>() ?? NullLogger.Instance;
        _modules = options.Modules.ToDictionary(module => module.Application.Id);
    }

    /// <summary>Who the node is; known once it has started.</summary>
    /// <exception cref="InvalidOperationException">The node has not been started.</exception>
    public NodeHandle Handle => Local.Handle;

    /// <summary>The key that proves who the node is, for modules that sign in its name; known once it has started.</summary>
    /// <exception cref="InvalidOperationException">The node has not been started.</exception>
    public SigningKey Key => _identity?.Key ?? throw new InvalidOperationException("The node has not been started: call StartAsync first.");

    /// <summary>The clock that the node lives by.</summary>
    public TimeProvider Time => _options.Time;

    /// <summary>Tells whether the node routes and delivers: it has joined, and both ring neighbours have granted it a lease.</summary>
    public bool IsReady => _ready.Task.IsCompletedSuccessfully;

    /// <summary>The members of the leaf set as of now.</summary>
    public ImmutableArray<NodeHandle> Neighbors => _neighbors;

    private LocalNode Local => _local ?? throw new InvalidOperationException("The node has not been started: call StartAsync first.");

    private NodeLoop Loop => _loop ?? throw new InvalidOperationException("The node has not been started: call StartAsync first.");

    /// <summary>Makes a node and starts it.</summary>
    /// <param name="options">How the node is set up.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="PastryException">The listener can't be bound, or an option is outside of its range.</exception>
    public static async ValueTask<PastryNode> StartAsync(PastryNodeOptions options, CancellationToken cancellationToken = default)
    {
        var node = new PastryNode(options);
        try
        {
            await node.StartAsync(cancellationToken).ConfigureAwait(false);
            return node;
        }
        catch
        {
            await node.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Binds the listener and begins to join; returns when bound. <see cref="WhenReadyAsync"/> tells when the node takes part.</summary>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="PastryException">The listener can't be bound.</exception>
    /// <exception cref="InvalidOperationException">The node has been started before.</exception>
    public async ValueTask StartAsync(CancellationToken cancellationToken = default)
    {
        if (Interlocked.CompareExchange(ref _state, 1, 0) != 0)
        {
            throw new InvalidOperationException("The node has been started before; make a new one for another life.");
        }

        _ownsHost = _options.Host is null;
        _host = _options.Host ?? await PastryHost.StartAsync(_options.Transport?.Invoke() ?? NewTcpTransport(), cancellationToken).ConfigureAwait(false);
        _identity = _options.Identity ?? new NodeIdentity(SigningKey.Create(), PersistentIdentity.FromClock(_options.Time));
        _local = _host.Transport.AddNode(_identity);
        foreach (var module in _modules.Values)
        {
            module.Attach(this);
        }

        var seed = BitConverter.ToUInt64(System.Security.Cryptography.RandomNumberGenerator.GetBytes(sizeof(ulong)));
        _machine = new PastryMachine(_local.Handle, _options.Protocol, seed, _modules.Values.Select(module => module.Application));
        _loop = new NodeLoop(_machine, _host.Transport, _local, new Effects(this), _options.InboxCapacity, _options.Time, _logger);
        _host.Add(_local, this);
        _running = Task.Run(_loop.RunAsync, CancellationToken.None);
        await _loop.PostAsync(new JoinInput(_options.Bootstraps.Count), cancellationToken).ConfigureAwait(false);
        LogStarted(_local.Handle, _host.Transport.Addresses[0]);
    }

    /// <summary>Waits until the node takes part in the ring. A node that can't join goes on trying; give up with the token.</summary>
    public async ValueTask WhenReadyAsync(CancellationToken cancellationToken = default)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        Task ready;
        lock (_gate)
        {
            ready = _ready.Task;
        }

        try
        {
            await ready.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new PastryException("The node was stopped before it was ready.");
        }
    }

    /// <summary>Routes a message of an application to the live node numerically closest to the key.</summary>
    /// <param name="application">The application; it runs on the node that receives, and need not on those between.</param>
    /// <param name="key">Where to.</param>
    /// <param name="payload">What to say, at most 64 KiB; copied before this returns.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in the node's inbox.</param>
    public ValueTask RouteAsync(PastryApplicationId application, NodeId key, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default) =>
        Loop.PostAsync(new RouteInput(application, key, Payload.FromBytes(Checked(payload).ToArray()), firstHop: null), cancellationToken);

    /// <summary>Sends a message of an application to one node, in one hop; it may be lost.</summary>
    /// <param name="application">The application.</param>
    /// <param name="to">The node.</param>
    /// <param name="payload">What to say, at most 64 KiB; copied before this returns.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in the node's inbox.</param>
    public ValueTask SendAsync(PastryApplicationId application, NodeHandle to, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(to);
        return Loop.PostAsync(new SendInput(application, to, Payload.FromBytes(Checked(payload).ToArray())), cancellationToken);
    }

    /// <summary>Hands an input to an application of this node: a user's command, or the outcome of an effect.</summary>
    /// <param name="application">The application.</param>
    /// <param name="input">What its <see cref="PastryApplication.Handle"/> understands.</param>
    /// <param name="cancellationToken">Gives up waiting for a place in the node's inbox.</param>
    public ValueTask PostAsync(PastryApplication application, object input, CancellationToken cancellationToken = default) =>
        Loop.PostAsync(new ApplicationInput(application, input), cancellationToken);

    /// <summary>Opens a reliable stream to the same application on another node.</summary>
    /// <exception cref="TransportException">The node can't be reached.</exception>
    public ValueTask<TransportStream> OpenStreamAsync(PastryApplicationId application, NodeHandle to, CancellationToken cancellationToken = default) =>
        _host!.Transport.OpenStreamAsync(Local, to, application, cancellationToken);

    /// <summary>Finds out which node lives at an address.</summary>
    /// <exception cref="TransportException">Nobody answers there, or what answers is no host of this ring.</exception>
    public ValueTask<NodeHandle> ResolveAsync(NodeAddress address, CancellationToken cancellationToken = default) =>
        _host!.Transport.ResolveAsync(Local, address, cancellationToken);

    /// <summary>Shows the node's state as of now.</summary>
    public async ValueTask<PastryStatus> GetStatusAsync(CancellationToken cancellationToken = default) =>
        await QueryAsync(PastryStatus.Of, cancellationToken).ConfigureAwait(false);

    /// <summary>Lists the live nodes numerically closest to a key that this node knows of, closest first.</summary>
    public ValueTask<IReadOnlyList<NodeHandle>> ReplicaSetAsync(NodeId key, int max, CancellationToken cancellationToken = default) =>
        QueryAsync(machine => machine.ReplicaSet(key, max), cancellationToken);

    /// <summary>Follows the changes of the leaf set, from now on. Who reads too slowly misses the oldest changes.</summary>
    public IAsyncEnumerable<NeighborChanged> NeighborChangesAsync(CancellationToken cancellationToken = default) =>
        _neighborFeed.FollowAsync(cancellationToken);

    /// <summary>Says farewell to the ring and stops: neighbours take over at once.</summary>
    /// <param name="cancellationToken">Stops without waiting for the farewell.</param>
    public ValueTask StopAsync(CancellationToken cancellationToken = default) => StopAsync(sayFarewell: true, cancellationToken);

    /// <summary>Stops at once, without a word to anybody, as a crash would.</summary>
    public ValueTask KillAsync() => StopAsync(sayFarewell: false, CancellationToken.None);

    /// <summary>Says farewell to the ring and stops.</summary>
    public ValueTask DisposeAsync() => StopAsync(CancellationToken.None);

    internal ValueTask ReceiveAsync(MessageBatch batch, CancellationToken cancellationToken) => Loop.PostAsync(batch, cancellationToken);

    internal bool TryAcceptStream(TransportStream stream, PastryApplicationId application)
    {
        if (!_modules.TryGetValue(application, out var module))
        {
            return false;
        }

        module.AcceptStream(stream);
        return true;
    }

    internal void PeerDown(NodeHandle peer, PeerDownReason reason)
    {
        LogPeerDown(peer, reason);
        _loop?.TryPost(new PeerDownInput(peer));
    }

    internal async ValueTask<T> QueryAsync<T>(Func<PastryMachine, T> query, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await Loop.PostAsync(new QueryInput<T>(query, answer), cancellationToken).ConfigureAwait(false);
        return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private static ReadOnlyMemory<byte> Checked(ReadOnlyMemory<byte> payload) =>
        payload.Length <= MaxPayloadLength
            ? payload
            : throw new ArgumentException($"A message carries at most {MaxPayloadLength} bytes, not {payload.Length}; open a stream for more.", nameof(payload));

    private async ValueTask StopAsync(bool sayFarewell, CancellationToken cancellationToken)
    {
        // A node that was never started has modules to dispose of, too.
        if (Interlocked.Exchange(ref _state, 2) == 2)
        {
            return;
        }

        if (sayFarewell && _loop is not null)
        {
            await SayFarewellAsync(_loop, cancellationToken).ConfigureAwait(false);
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_host is not null)
        {
            if (!sayFarewell && _ownsHost)
            {
                _host.Transport.Abort();
            }

            if (_local is not null)
            {
                _host.Remove(_local);
            }
        }

        _loop?.Close();
        await _running.ConfigureAwait(false);
        foreach (var module in _modules.Values)
        {
            await module.DisposeAsync().ConfigureAwait(false);
        }

        if (_ownsHost && _host is not null)
        {
            await _host.DisposeAsync().ConfigureAwait(false);
        }

        _neighborFeed.End();

        // The source of the token is not disposed of: it holds nothing, and whoever asks a stopped node gets an answer.
        LogStopped(_local?.Handle);
    }

    private static async ValueTask SayFarewellAsync(NodeLoop loop, CancellationToken cancellationToken)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(FarewellTime);
        try
        {
            var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await loop.PostAsync(new LeaveInput(left), limit.Token).ConfigureAwait(false);
            await left.Task.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or ChannelClosedException)
        {
            // The ring will notice the silence.
        }
    }

    private TcpTransport NewTcpTransport() => new(new TcpTransportOptions { LoggerFactory = _options.LoggerFactory ?? NullLoggerFactory.Instance, Time = _options.Time });

    private void SetReady(bool ready)
    {
        lock (_gate)
        {
            if (ready)
            {
                _ready.TrySetResult();
            }
            else if (_ready.Task.IsCompleted)
            {
                _ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    private void NeighborsChanged(NeighborUpdate update)
    {
        _neighbors = [.. _machine!.LeafSet.Members];
        _neighborFeed.Publish(new NeighborChanged(update.Node, update.Change));
    }

    private async Task ResolveBootstrapAsync(int index)
    {
        var address = _options.Bootstraps[index];
        try
        {
            var bootstrap = await _host!.Transport.ResolveAsync(Local, address, _stopping.Token).ConfigureAwait(false);
            await Loop.PostAsync(new BootstrapResolvedInput(index, bootstrap), _stopping.Token).ConfigureAwait(false);
        }
        catch (PastryException exception)
        {
            Loop.TryPost(new BootstrapUnreachableInput(index, exception.Message));
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or ChannelClosedException)
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
                case ResolveBootstrap resolve:
                    _ = node.ResolveBootstrapAsync(resolve.Index);
                    break;
                case JoinAttemptFailed failed:
                    node.LogJoinAttemptFailed(failed.Attempt, failed.Reason);
                    break;
                case ReadyChanged changed:
                    node.SetReady(changed.Ready);
                    node.LogReadyChanged(node.Local.Handle, changed.Ready);
                    break;
                case NeighborUpdate update:
                    node.NeighborsChanged(update);
                    break;
                case PeerDeclaredDead dead:
                    node.LogPeerDead(dead.Node);
                    break;
                case ApplicationEffect application:
                    node.Perform(application);
                    break;
                case ApplicationFailed failed:
                    node.LogApplicationFailed(failed.Exception, failed.Application.GetType().Name);
                    break;
                default:
                    break;
            }
        }
    }

    private void Perform(ApplicationEffect effect)
    {
        try
        {
            _modules[effect.Application.Id].Perform(effect.Effect);
        }
        catch (Exception exception)
        {
            LogEffectFailed(exception, effect.Effect.GetType().Name);
        }
    }
}
