using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using P2P.Pastry.Transport.Framing;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>
/// Carries messages between two hosts, for all nodes of both. One loop reads, another writes whatever has accumulated in one go.
/// </summary>
/// <remarks>
/// A connection ends without loss: each side says farewell behind its last frame and reads on until the other's end. What does not end so
/// was lost.
/// </remarks>
internal sealed partial class ControlConnection : IFrameLink, IFrameSink, IDisposable
{
    /// <summary>How long the other side may take to say farewell.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(5);

    /// <summary>How long messages wait for their order's sake: not for long, since the other connection may be dead.</summary>
    private static readonly TimeSpan HoldMax = TimeSpan.FromSeconds(1);

    private readonly HostContext _host;
    private readonly SecureChannel _channel;
    private readonly IConnectionOwner _owner;
    private readonly FrameQueue _queue;
    private readonly FrameReceiver _receiver;
    private readonly TaskCompletionSource _retired = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile Task? _hold;
    private volatile bool _farewellReceived;
    private volatile bool _superseded;
    private volatile bool _wasUsed;
    private long _lastActivity;
    private long _lastWritten;
    private long _retiredAt;
    private long _writeStarted;

    public ControlConnection(HostContext host, SecureChannel channel, HostProof proof, IConnectionOwner owner)
    {
        _host = host;
        _channel = channel;
        _owner = owner;
        _queue = new FrameQueue(host.Options.PeerQueueBytes);
        _receiver = new FrameReceiver(this);
        _announced = proof.Announced;
        _proven = proof.Nodes;
        Version = proof.Version;
        Session = proof.Session;
        Established = _lastActivity = _lastWritten = host.Time.GetTimestamp();
    }

    public Fingerprint Host => _channel.Host;

    public bool InitiatedHere => _channel.InitiatedHere;

    /// <summary>The version that both hosts speak here.</summary>
    public int Version { get; }

    /// <summary>Tells the other host's lives apart.</summary>
    public ulong Session { get; }

    public long Established { get; }

    /// <summary>When a message last came or went.</summary>
    public long LastActivity => Volatile.Read(ref _lastActivity);

    /// <summary>Since when the peer has not taken what is being written; 0 if nothing is.</summary>
    public long WriteStarted => Volatile.Read(ref _writeStarted);

    public bool IsRetired => _retired.Task.IsCompleted;

    /// <summary>Since when it is retired.</summary>
    public long RetiredAt => Volatile.Read(ref _retiredAt);

    /// <summary>Whether its end waits for nobody any more.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Completes when the connection is closed.</summary>
    public Task Ended => _ended.Task;

    public SendStatus Append(ushort source, ushort destination, ReadOnlySpan<byte> message, MessagePriority priority)
    {
        _wasUsed = true;
        return _queue.Append(source, destination, message, priority);
    }

    /// <summary>Tells what the connection has been good for.</summary>
    public ConnectionUse UseBy(PeerNeeds needs)
    {
        var need = PeerNeed.None;
        foreach (var (_, delegation) in _proven)
        {
            var other = needs.Of(delegation.Node.Id);
            need = other > need ? other : need;
        }

        return new ConnectionUse(need, InitiatedHere, _wasUsed, _host.Time.GetElapsedTime(Volatile.Read(ref _lastWritten)));
    }

    /// <summary>Writes nothing until another connection with the same host has ended, so that messages keep their order.</summary>
    public void HoldUntil(Task ended) => _hold = ended;

    /// <summary>Sends what waits, then a farewell; nothing more can be appended.</summary>
    public void Retire()
    {
        _queue.AppendControl(new ControlMessage(ControlKind.Farewell).ToBytes(), last: true);
        Interlocked.CompareExchange(ref _retiredAt, _host.Time.GetTimestamp(), 0);
        _retired.TrySetResult();
    }

    /// <summary>Closes the connection at once.</summary>
    public void Abort() => _channel.Dispose();

    /// <summary>Closes the connection at once, although its peer has not said farewell yet.</summary>
    public void Cut()
    {
        IsCut = true;
        Abort();
    }

    /// <summary>Closes the connection at once, because its peer lives on in another.</summary>
    public void Supersede()
    {
        _superseded = true;
        Abort();
    }

    /// <summary>Runs the connection to its end.</summary>
    public async Task<ConnectionEnd> RunAsync()
    {
        var reading = ReadAllAsync();
        var both = Task.WhenAll(reading, WriteAllAsync());
        await Task.WhenAny(both, _retired.Task).ConfigureAwait(false);
        await WaitAtMostAsync(both, Grace).ConfigureAwait(false);
        Abort();
        _host.Metrics.FramesDropped("connection_closed", _queue.Discard());
        try
        {
            await both.ConfigureAwait(false);
        }
        finally
        {
            Dispose();
            _ended.TrySetResult();
        }

        return _superseded ? ConnectionEnd.Superseded : _farewellReceived || IsRetired ? ConnectionEnd.Farewell : ConnectionEnd.Lost;
    }

    /// <summary>Closes the connection and gives back what its loops held; they must have ended.</summary>
    public void Dispose()
    {
        _channel.Dispose();
        _receiver.Dispose();
    }

    private async Task ReadAllAsync()
    {
        try
        {
            while (await ReadAsync().ConfigureAwait(false))
            {
                Volatile.Write(ref _lastActivity, _host.Time.GetTimestamp());
            }
        }
        catch (InvalidDataException violation)
        {
            _host.Metrics.ProtocolViolated();
            _host.Logger.ProtocolViolated(Host, violation.Message);
        }
        catch (Exception exception) when (IsBreak(exception))
        {
            // How it ended is seen from whether there was a farewell.
        }

        if (!_farewellReceived)
        {
            // Nobody reads there any more, or nobody who keeps to the protocol.
            Abort();
            _host.Metrics.FramesDropped("connection_lost", _queue.Discard());
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<bool> ReadAsync()
    {
        if (!_receiver.HasPart)
        {
            // An idle connection holds no buffer: wait for bytes first, then rent room for them.
            await _channel.Stream.ReadAsync(Memory<byte>.Empty).ConfigureAwait(false);
        }

        var count = await _channel.Stream.ReadAsync(_receiver.GetRoom()).ConfigureAwait(false);
        if (count > 0)
        {
            _host.Metrics.Received(count);
            await _receiver.AdvanceAsync(count).ConfigureAwait(false);
        }

        return count > 0;
    }

    private async Task WriteAllAsync()
    {
        try
        {
            while (await _queue.WaitAsync().ConfigureAwait(false))
            {
                await WaitForHoldAsync().ConfigureAwait(false);
                var frames = _queue.Take();
                Volatile.Write(ref _writeStarted, _host.Time.GetTimestamp());
                await _channel.Stream.WriteAsync(frames).ConfigureAwait(false);
                Volatile.Write(ref _writeStarted, 0);
                var written = _host.Time.GetTimestamp();
                Volatile.Write(ref _lastWritten, written);
                Volatile.Write(ref _lastActivity, written);
                _host.Metrics.Sent(frames.Length);
                _queue.Recycle();
            }

            _channel.EndOutput();
        }
        catch (Exception exception) when (IsBreak(exception))
        {
            Abort();
        }
    }

    private async Task WaitForHoldAsync()
    {
        if (_hold is { } hold)
        {
            _hold = null;
            await WaitAtMostAsync(hold, HoldMax).ConfigureAwait(false);
        }
    }

    private async Task WaitAtMostAsync(Task task, TimeSpan limit)
    {
        try
        {
            await task.WaitAsync(limit, _host.Time, _host.Aborting).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            // The caller goes on without it.
        }
    }

    private static bool IsBreak(Exception exception) =>
        exception is IOException or SocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException;

    bool IFrameSink.TryFind(ushort source, ushort destination, [NotNullWhen(true)] out NodeHandle? from, [NotNullWhen(true)] out LocalNode? to)
    {
        from = _proven.TryGetValue(source, out var delegation) ? delegation.Node : null;
        to = _host.Nodes.At(destination)?.Node;
        if (from is null || to is null)
        {
            _host.Metrics.FramesDropped(from is null ? "unproven_source" : "unknown_destination");
            return false;
        }

        return true;
    }

    ValueTask IFrameSink.DeliverAsync(LocalNode to, MessageBatch batch) => _host.Handler.ReceiveAsync(to, batch);
}
