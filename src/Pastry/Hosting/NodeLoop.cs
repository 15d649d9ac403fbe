using System.Buffers;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using P2P.Pastry.Protocol;
using P2P.Pastry.Transport;
using P2P.Pastry.Wire;

namespace P2P.Pastry.Hosting;

/// <summary>
/// Owns a node's machine: reads one bounded inbox, gives each input to the machine, and carries out what it wants done. Nothing else ever
/// touches the machine.
/// </summary>
internal sealed partial class NodeLoop
{
    /// <summary>A wall clock that ran on this much longer than the node's own clock means that the machine slept.</summary>
    private static readonly TimeSpan SleepNoticed = TimeSpan.FromSeconds(2);

    private const int ItemsPerTurn = 16;

    private readonly PastryMachine _machine;
    private readonly ITransport _transport;
    private readonly LocalNode _local;
    private readonly INodeEffects _effects;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<object> _inbox;
    private readonly TimerQueue _timers = new();
    private readonly Outbox _outbox = new();
    private readonly List<Effect> _performing = [];
    private readonly List<NodeHandle> _unreachable = [];
    private readonly ArrayBufferWriter<byte> _scratch = new(4096);
    private readonly long _startTimestamp;
    private readonly ITimer _wakeUp;
    private Instant _wakeUpAt = Instant.Never;
    private DateTimeOffset _wallBefore;
    private Instant _nowBefore;

    public NodeLoop(PastryMachine machine, ITransport transport, LocalNode local, INodeEffects effects, int inboxCapacity, TimeProvider time, ILogger logger)
    {
        _machine = machine;
        _transport = transport;
        _local = local;
        _effects = effects;
        _time = time;
        _logger = logger;
        _inbox = Channel.CreateBounded<object>(new BoundedChannelOptions(inboxCapacity) { SingleReader = true });
        _startTimestamp = time.GetTimestamp();
        _wallBefore = time.GetUtcNow();
        _wakeUp = time.CreateTimer(static state => ((NodeLoop)state!)._inbox.Writer.TryWrite(Tick.Instance), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    private Instant Now => new(_time.GetElapsedTime(_startTimestamp).Ticks);

    /// <summary>Puts an input or a batch of messages into the inbox, and waits while it is full.</summary>
    public ValueTask PostAsync(object item, CancellationToken cancellationToken) => _inbox.Writer.WriteAsync(item, cancellationToken);

    /// <summary>Puts an input into the inbox, unless that is full or closed.</summary>
    public bool TryPost(NodeInput input) => _inbox.Writer.TryWrite(input);

    /// <summary>Takes no more inputs; the loop ends once it has worked off what is there.</summary>
    public void Close() => _inbox.Writer.TryComplete();

    public async Task RunAsync()
    {
        try
        {
            while (await _inbox.Reader.WaitToReadAsync().ConfigureAwait(false))
            {
                NoticeSleep();
                var turn = 0;
                while (turn++ < ItemsPerTurn && _inbox.Reader.TryRead(out var item))
                {
                    Take(item);
                    ExpireTimers();
                }

                ArmWakeUp();
                if (turn > ItemsPerTurn)
                {
                    // A node that always has something to do must not keep a pool thread from the others, and from its own readers.
                    await Task.Yield();
                }
            }
        }
        catch (Exception exception)
        {
            // Nothing of the above throws by design; if it does, a node that is silent is better than one that lies.
            LogLoopFailed(exception);
            _inbox.Writer.TryComplete(exception);
        }
        finally
        {
            await _wakeUp.DisposeAsync().ConfigureAwait(false);
        }
    }

    private void Take(object item)
    {
        if (item is MessageBatch batch)
        {
            Receive(batch);
            return;
        }

        if (item is Tick)
        {
            // The timer has gone off and is armed no more, whether or not anything is due yet.
            _wakeUpAt = Instant.Never;
        }

        var input = (NodeInput)item;
        try
        {
            input.Apply(_machine, Now, _outbox);
        }
        catch (Exception exception)
        {
            LogInputFailed(exception, item.GetType().Name);
        }

        CarryOut();
        input.CarriedOut();
    }

    private void Receive(MessageBatch batch)
    {
        var now = Now;
        for (var i = 0; i < batch.Count; i++)
        {
            var (from, bytes) = batch[i];
            if (!MessageFormat.TryRead(bytes, out var message))
            {
                _machine.Counters.UnknownMessages++;
                continue;
            }

            try
            {
                _machine.Receive(from, message, now, _outbox);
            }
            catch (Exception exception)
            {
                LogMessageFailed(exception, message.Kind, from);
            }

            CarryOut();
        }

        batch.Return();
    }

    private void ExpireTimers()
    {
        while (_timers.TryTakeDue(Now, out var timer))
        {
            if (timer.Kind == TimerKind.Application || timer.Nonce != 0)
            {
                try
                {
                    _machine.Expire(timer, Now, _outbox);
                }
                catch (Exception exception)
                {
                    LogInputFailed(exception, timer.Kind.ToString());
                }

                CarryOut();
            }
        }
    }

    private void CarryOut()
    {
        do
        {
            SendMessages();
            foreach (ref readonly var timer in _outbox.Timers)
            {
                _timers.Add(timer);
            }

            _performing.AddRange(_outbox.Effects);
            _outbox.Clear();
            foreach (var effect in _performing)
            {
                _effects.Perform(effect);
            }

            _performing.Clear();
        }
        while (ReportUnreachable());
    }

    private void SendMessages()
    {
        foreach (ref readonly var outgoing in _outbox.Messages)
        {
            _scratch.ResetWrittenCount();
            MessageFormat.Write(_scratch, outgoing.Message);
            if (_scratch.WrittenCount > MessageBatch.MaxMessageLength)
            {
                LogMessageTooLong(outgoing.Message.Kind, _scratch.WrittenCount);
                continue;
            }

            var priority = outgoing.Message.IsOfApplication ? MessagePriority.Normal : MessagePriority.Urgent;
            var status = _transport.Send(_local, outgoing.To, _scratch.WrittenSpan, priority);
            if (status == SendStatus.Dropped && outgoing.Message.IsRouted)
            {
                _machine.NotSent(outgoing.Message.Sequence);
            }
            else if (status == SendStatus.Unreachable && !_unreachable.Contains(outgoing.To))
            {
                _unreachable.Add(outgoing.To);
            }
        }
    }

    /// <summary>Tells the machine at once of a peer that the transport will not even try to reach now, so that it goes around it.</summary>
    /// <returns>True where there is something new to carry out.</returns>
    private bool ReportUnreachable()
    {
        while (_unreachable.Count > 0)
        {
            var peer = _unreachable[^1];
            _unreachable.RemoveAt(_unreachable.Count - 1);
            if (!_machine.IsSuspected(peer))
            {
                _machine.PeerDown(peer, Now, _outbox);
                return true;
            }
        }

        return false;
    }

    private void NoticeSleep()
    {
        var wall = _time.GetUtcNow();
        var now = Now;
        if (wall - _wallBefore > now - _nowBefore + SleepNoticed)
        {
            LogSleepNoticed(wall - _wallBefore);
            Take(ResumeInput.Instance);
        }

        _wallBefore = wall;
        _nowBefore = now;
    }

    private void ArmWakeUp()
    {
        ExpireTimers();
        var next = _timers.NextDue;
        if (next == _wakeUpAt)
        {
            return;
        }

        _wakeUpAt = next;
        // Timers of the platform cut their spans to whole milliseconds; a little later is always right.
        var wait = next == Instant.Never ? Timeout.InfiniteTimeSpan : TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, (next - Now).TotalMilliseconds)));
        _wakeUp.Change(wait, Timeout.InfiniteTimeSpan);
    }

    [LoggerMessage(2100, LogLevel.Error, "An input of kind {Kind} made the node's machine or an application fail; the input is lost.")]
    private partial void LogInputFailed(Exception exception, string kind);

    [LoggerMessage(2101, LogLevel.Error, "A message of kind {Kind} from {From} made the node's machine or an application fail; the message is lost.")]
    private partial void LogMessageFailed(Exception exception, MessageKind kind, NodeHandle from);

    [LoggerMessage(2104, LogLevel.Warning, "A message of kind {Kind} with {Length} bytes is too long to be sent, and is dropped.")]
    private partial void LogMessageTooLong(MessageKind kind, int length);

    [LoggerMessage(2103, LogLevel.Critical, "The node's loop has failed; the node is dead. This is a fault of the library: please report it.")]
    private partial void LogLoopFailed(Exception exception);

    [LoggerMessage(2102, LogLevel.Information, "The machine slept for about {Duration}; leases from before are not used.")]
    private partial void LogSleepNoticed(TimeSpan duration);
}

/// <summary>Carries out what a node's machine wants done beyond messages and timers. Called on the node's loop; must not block.</summary>
internal interface INodeEffects
{
    void Perform(Effect effect);
}
