using System.Security.Cryptography;
using Microsoft.Extensions.Logging.Abstractions;
using P2P.Pastry.Protocol;
using P2P.Pastry.Transport;

namespace P2P.Pastry;

public sealed partial class PastryNode
{
    private static readonly TimeSpan FarewellTime = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan FavorInterval = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _noFarewell = new();
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TaskCompletionSource? _starting;
    private ITimer? _favoring;
    private Task? _stop;
    private volatile bool _isKilled;
    private volatile PastryException? _failure;
    private Task<PastryException?> _running = Task.FromResult<PastryException?>(null);

    /// <summary>
    /// Ends when the node has stopped and let go of everything: successfully where it was told to, with a <see cref="PastryException"/> where
    /// it failed, or could not join the ring as it is set up. A node that fails stops by itself, without a farewell.
    /// </summary>
    public Task Completion => _completion.Task;

    /// <summary>Makes a node and starts it.</summary>
    /// <param name="options">How the node is set up.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="PastryException">The listener can't be bound, or an option is outside of its range.</exception>
    public static async ValueTask<PastryNode> StartAsync(PastryNodeOptions options, CancellationToken cancellationToken = default)
    {
        var node = new PastryNode(options);
        await node.StartAsync(cancellationToken).ConfigureAwait(false);
        return node;
    }

    /// <summary>
    /// Binds the listener and begins to join; returns when bound. <see cref="WhenReadyAsync"/> tells when the node takes part. A node that
    /// could not start has stopped, and its modules are disposed of.
    /// </summary>
    /// <param name="cancellationToken">Gives up starting.</param>
    /// <exception cref="PastryException">The listener can't be bound, or the node was stopped meanwhile.</exception>
    /// <exception cref="InvalidOperationException">The node has been started or stopped before.</exception>
    public async ValueTask StartAsync(CancellationToken cancellationToken = default)
    {
        var starting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_starting is not null || _stop is not null)
            {
                throw new InvalidOperationException("The node has been started or stopped before; make a new one for another life.");
            }

            _starting = starting;
        }

        try
        {
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
            await BringUpAsync(either.Token).ConfigureAwait(false);
            LogStarted(Local.Handle, Local.Handle.Address);
            if (_failure is null)
            {
                _stopping.Token.ThrowIfCancellationRequested();
            }
        }
        catch (Exception exception)
        {
            var wasStopped = _stopping.IsCancellationRequested;
            starting.SetResult();
            await KillAsync().ConfigureAwait(false);
            if (wasStopped && _failure is null)
            {
                throw new PastryException("The node was stopped while it was starting.", exception);
            }

            throw;
        }

        starting.SetResult();
    }

    /// <summary>
    /// Prepares to stop: tells others that the node is about to, so that they open no more streams to it, and waits until those that they have opened are over. Who has not been told, since it
    /// has no connection or speaks version 1 of the wire, may open some meanwhile; once none is open, all are refused, and who asks goes to another node. The node goes on to route and to
    /// deliver until <see cref="StopAsync"/>. Streams between nodes of one host are not waited for. Let what this node's own users have under way end first: for that, others may have to open streams.
    /// </summary>
    /// <param name="cancellationToken">Gives up waiting: what is still open then is cut off when the node stops.</param>
    /// <exception cref="PastryException">The node has stopped.</exception>
    public ValueTask DrainAsync(CancellationToken cancellationToken = default) => Transport.DrainAsync(Local, cancellationToken);

    /// <summary>
    /// Says farewell to the ring and stops: neighbours take over at once. Returns when the node has stopped, whoever told it to.
    /// </summary>
    /// <param name="cancellationToken">Stops without waiting for the farewell.</param>
    public async ValueTask StopAsync(CancellationToken cancellationToken = default)
    {
        using var hurry = cancellationToken.Register(_noFarewell.Cancel);
        await StopOnce().ConfigureAwait(false);
    }

    /// <summary>Stops at once, without a word to anybody, as a crash would. Returns when the node has stopped.</summary>
    public async ValueTask KillAsync()
    {
        _isKilled = true;
        await _noFarewell.CancelAsync().ConfigureAwait(false);
        await StopOnce().ConfigureAwait(false);
    }

    /// <summary>Says farewell to the ring and stops. Returns when the node has stopped, whoever told it to.</summary>
    public ValueTask DisposeAsync() => StopAsync(CancellationToken.None);

    /// <summary>What to tell whoever asks something of a node that runs no more.</summary>
    private PastryException Stopped() =>
        _failure is { } failure ? new PastryException(failure.Message, failure.InnerException!) : new PastryException("The node has stopped.");

    private Exception NotRunning() =>
        _stop is null ? new InvalidOperationException("The node has not been started: call StartAsync first.") : Stopped();

    private async Task BringUpAsync(CancellationToken cancellationToken)
    {
        _ownsHost = _options.Host is null;
        _host = _options.Host ?? await PastryHost.StartAsync(_options.Transport?.Invoke() ?? NewTcpTransport(), cancellationToken).ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        _identity = _options.Identity ?? new NodeIdentity(SigningKey.Create(), PersistentIdentity.FromClock(_options.Time));
        var local = _local = _host.Add(_identity);
        _modules.Attach(this);
        var (seed, secret) = (NewSeed(), NewSeed());
        _machine = new PastryMachine(local.Handle, _options.Protocol, seed, _modules.Applications, hasOwnMetric: _options.Proximity is not null, secret);
        var telemetry = new NodeTelemetry(_machine, _options.MeterFactory, _options.TracedPerSecondMax, _options.Time);
        var loop = new NodeLoop(_machine, _host.Transport, local, new Effects(this), telemetry, _options.InboxCapacity, _options.Time, _logger);
        _running = Task.Run(loop.RunAsync, CancellationToken.None);
        _loop = loop;
        _host.Connect(local, this);
        _favoring = _options.Time.CreateTimer(_ => loop.TryPost(new FavorInput(Favor)), null, FavorInterval, FavorInterval);
        _ = StopWhenLoopEndsAsync();
        var remembered = _peers is null ? [] : await _peers.RecallAsync(cancellationToken).ConfigureAwait(false);
        await loop.PostAsync(new JoinInput(_options.Bootstraps.Count, remembered), cancellationToken).ConfigureAwait(false);
        _peers?.Start(WhenReadyAsync);
    }

    /// <summary>A node whose loop is dead must not go on to be known to others as living here.</summary>
    private async Task StopWhenLoopEndsAsync()
    {
        if (await _running.ConfigureAwait(false) is { } failure)
        {
            Fail(failure);
        }
    }

    /// <summary>Stops the node by itself; whoever waits for something of it is told why.</summary>
    private void Fail(PastryException failure)
    {
        _failure = failure;
        _readiness.End(failure);
        _ = Task.Run(KillAsync, CancellationToken.None);
    }

    private Task StopOnce()
    {
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        bool isStarting;
        lock (_gate)
        {
            if (_stop is not null)
            {
                return _stop;
            }

            _stop = StopAfterAsync(begun.Task);
            isStarting = _starting is { Task.IsCompleted: false };
        }

        if (isStarting)
        {
            // Whoever is told to stop while it starts does not get to the end of it first.
            _stopping.Cancel();
        }

        begun.SetResult();
        return _stop;
    }

    private async Task StopAfterAsync(Task begun)
    {
        await begun.ConfigureAwait(false);
        if (_starting is { Task.IsCompleted: true } && _loop is { } loop)
        {
            await KeepPeersAsync().ConfigureAwait(false);
            await SayFarewellAsync(loop).ConfigureAwait(false);
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        if (_starting is not null)
        {
            await _starting.Task.ConfigureAwait(false);
        }

        await LetGoAsync().ConfigureAwait(false);
        LogStopped(_local?.Handle);
        if (_failure is { } failure)
        {
            _completion.TrySetException(failure);

            // Nobody has to follow the completion: the failure is in the log.
            _ = _completion.Task.Exception;
        }
        else
        {
            _completion.TrySetResult();
        }
    }

    /// <summary>Lets go of everything that the node has, as far as it got; what fails on the way keeps nothing else from it.</summary>
    private async Task LetGoAsync()
    {
        _favoring?.Dispose();
        try
        {
            if (_isKilled && _ownsHost)
            {
                _host?.Transport.Abort();
            }

            if (_local is not null)
            {
                _host!.Remove(_local);
            }
        }
        catch (Exception exception)
        {
            LogTransportFailed(exception);
        }

        _loop?.Close();
        if (await _running.ConfigureAwait(false) is { } failure)
        {
            _failure = failure;
        }

        _readiness.End(Stopped());
        if (_peers is not null)
        {
            await _peers.DisposeAsync().ConfigureAwait(false);
        }

        await _modules.DisposeAsync().ConfigureAwait(false);
        _neighborFeed.End();
        if (_ownsHost && _host is not null)
        {
            try
            {
                await _host.DisposeAsync().ConfigureAwait(false);
            }
            catch (Exception exception)
            {
                LogTransportFailed(exception);
            }
        }

        // The sources of the tokens are not disposed of: they hold nothing, and whoever asks a stopped node gets an answer.
    }

    private async Task KeepPeersAsync()
    {
        if (_peers is not null)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(_noFarewell.Token);
            limit.CancelAfter(FarewellTime);
            await _peers.StopAsync(limit.Token).ConfigureAwait(false);
        }
    }

    private async Task SayFarewellAsync(NodeLoop loop)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_noFarewell.Token);
        limit.CancelAfter(FarewellTime);
        try
        {
            var left = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            await loop.PostAsync(new LeaveInput(left), limit.Token).ConfigureAwait(false);
            await left.Task.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is OperationCanceledException or PastryException)
        {
            // The ring will notice the silence.
        }
    }

    private static ulong NewSeed() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(sizeof(ulong)));

    private TcpTransport NewTcpTransport() => new(new TcpTransportOptions
    {
        LoggerFactory = _options.LoggerFactory ?? NullLoggerFactory.Instance,
        Time = _options.Time,
        MeterFactory = _options.MeterFactory,
    });
}
