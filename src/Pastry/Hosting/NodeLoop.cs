using System.Buffers;
using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using P2P.Pastry.Protocol;
using P2P.Pastry.Transport;
using P2P.Pastry.Wire;

namespace P2P.Pastry;

/// <summary>
/// Owns a node's machine: reads one bounded inbox, gives each input to the machine, and carries out what it wants done. Nothing else ever
/// touches the machine.
/// </summary>
internal sealed partial class NodeLoop
{
    /// <summary>A wall clock that ran on this much longer than the node's own clock means that the machine slept.</summary>
    private static readonly TimeSpan SleepNoticed = TimeSpan.FromSeconds(2);

    private const int ItemsPerTurn = 16;

    /// <summary>So many failures of sending are told to the machine in answer to one input; an application that only tries again holds nobody up.</summary>
    private const int ReportsPerInputMax = 64;

    /// <summary>So many direct messages that were not sent wait to be told; of more, nothing is told.</summary>
    private const int NotSentMax = 1024;

    /// <summary>
    /// So many malformed messages are looked at of those that were read together; the rest goes with them. Each costs as much as a dozen others,
    /// and who keeps to the protocol sends none.
    /// </summary>
    private const int MalformedPerBatchMax = 4;

    private readonly PastryMachine _machine;
    private readonly ITransport _transport;
    private readonly LocalNode _local;
    private readonly INodeEffects _effects;
    private readonly NodeTelemetry _telemetry;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<Arrival> _inbox;
    private readonly TimerQueue _timers = new();
    private readonly Outbox _outbox = new();
    private readonly List<Effect> _performing = [];
    private readonly List<NodeHandle> _unreachable = [];
    private readonly Queue<NotSent> _notSent = [];
    private readonly ArrayBufferWriter<byte> _scratch = new(4096);
    private readonly long _startTimestamp;
    private readonly WakeUp _wakeUp;
    private Arrival _current;
    private volatile PastryException? _failure;
    private DateTimeOffset _wallBefore;
    private Instant _nowBefore;

    public NodeLoop(
        PastryMachine machine, ITransport transport, LocalNode local, INodeEffects effects, NodeTelemetry telemetry, int inboxCapacity, TimeProvider time, ILogger logger)
    {
        _machine = machine;
        _transport = transport;
        _local = local;
        _effects = effects;
        _telemetry = telemetry;
        _time = time;
        _logger = logger;
        _inbox = Channel.CreateBounded<Arrival>(new BoundedChannelOptions(inboxCapacity) { SingleReader = true });
        _startTimestamp = time.GetTimestamp();
        _wallBefore = time.GetUtcNow();
        // A full inbox needs no tick: whoever works it off looks at the timers.
        _wakeUp = new WakeUp(time, () => TryPost(Tick.Instance));
    }

    private Instant Now => new(_time.GetElapsedTime(_startTimestamp).Ticks);

    /// <summary>Puts an input or a batch of messages into the inbox, and waits while it is full.</summary>
    /// <exception cref="PastryException">The loop has ended.</exception>
    public async ValueTask PostAsync(object item, CancellationToken cancellationToken)
    {
        try
        {
            await _inbox.Writer.WriteAsync(new Arrival(item, Now), cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw Ended();
        }
    }

    /// <summary>Puts an input into the inbox, unless that is full or closed.</summary>
    public bool TryPost(NodeInput input) => _inbox.Writer.TryWrite(new Arrival(input, Now));

    /// <summary>Asks something of the machine.</summary>
    /// <exception cref="PastryException">The loop has ended.</exception>
    public async ValueTask<T> QueryAsync<T>(Func<PastryMachine, Instant, T> query, CancellationToken cancellationToken)
    {
        var answer = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        await PostAsync(new QueryInput<T>(query, answer), cancellationToken).ConfigureAwait(false);
        return await answer.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Takes no more inputs; the loop ends once it has worked off what is there.</summary>
    public void Close() => _inbox.Writer.TryComplete();

    /// <summary>Runs until the loop is closed or fails.</summary>
    /// <returns>Why it failed, or null where it was closed.</returns>
    public async Task<PastryException?> RunAsync()
    {
        // What the node does belongs to messages, not to whoever happened to start it.
        Activity.Current = null;
        try
        {
            await TakeAllAsync().ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            // Nothing of the above throws by design; if it does, a node that is silent is better than one that lies.
            LogLoopFailed(exception);
            _failure = new PastryException($"The node has failed: {exception.Message}", exception);
            _inbox.Writer.TryComplete();
            Abandon();
        }

        _telemetry.Dispose();
        await _wakeUp.StopAsync().ConfigureAwait(false);
        return _failure;
    }

    /// <summary>What to tell whoever comes after the end.</summary>
    private PastryException Ended() =>
        _failure is { } failure ? new PastryException(failure.Message, failure.InnerException!) : new PastryException("The node has stopped.");

    private async Task TakeAllAsync()
    {
        while (true)
        {
            try
            {
                // Unlike waiting until there is something to read, reading allocates nothing when it waits.
                _current = await _inbox.Reader.ReadAsync().ConfigureAwait(false);
            }
            catch (ChannelClosedException)
            {
                return;
            }

            NoticeSleep();
            _outbox.IsObserved = _telemetry.IsWanted;
            var turn = 0;
            do
            {
                Take(_current.Item);
                _current = default;
                ExpireTimers();
            }
            while (++turn < ItemsPerTurn && _inbox.Reader.TryRead(out _current));

            _telemetry.Refresh();
            _wakeUp.Arm(_timers.NextDue, Now);
            if (turn == ItemsPerTurn)
            {
                // A node that always has something to do must not keep a pool thread from the others, and from its own readers.
                await Task.Yield();
            }
        }
    }

    /// <summary>Answers what was being worked on, and what waits in the inbox that nobody will take out any more.</summary>
    private void Abandon()
    {
        for (var next = _current; next.Item is not null || _inbox.Reader.TryRead(out next); next = default)
        {
            if (next.Item is MessageBatch batch)
            {
                batch.Return();
            }
            else
            {
                ((NodeInput)next.Item!).Abandon(Ended());
            }
        }
    }

    private void Take(object item)
    {
        if (item is MessageBatch batch)
        {
            Receive(batch);
            return;
        }

        var input = (NodeInput)item;
        var now = Now;
        try
        {
            input.Apply(_machine, now, _outbox);
        }
        catch (Exception exception)
        {
            LogInputFailed(exception, item.GetType().Name);
        }

        CarryOut(now);
        input.CarriedOut();
    }

    private void Receive(MessageBatch batch)
    {
        var now = Now;
        var malformed = 0;
        for (var i = 0; i < batch.Count; i++)
        {
            var (from, bytes) = batch[i];
            if (!MessageFormat.TryRead(bytes, out var message, out var isMalformed))
            {
                _machine.Counters.UnknownMessages++;
                malformed += isMalformed ? 1 : 0;
                if (malformed == MalformedPerBatchMax)
                {
                    _machine.Counters.UnknownMessages += batch.Count - i - 1;
                    break;
                }

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

            CarryOut(now);
        }

        batch.Return();
    }

    private void ExpireTimers()
    {
        // What a timer waits for may have come before it was due, and lie in the inbox of a busy node.
        for (var latest = Now; _timers.NextDue <= latest && _timers.TryTakeDue(_inbox.Reader.TryPeek(out var next) ? next.At : latest, out var timer);)
        {
            if (timer.Kind == TimerKind.Application || timer.Nonce != 0)
            {
                var now = Now;
                try
                {
                    _machine.Expire(timer, now, _outbox);
                }
                catch (Exception exception)
                {
                    LogInputFailed(exception, timer.Kind.ToString());
                }

                CarryOut(now);
            }
        }
    }

    private void CarryOut(Instant stepBegan)
    {
        var reports = 0;
        do
        {
            ShowObservations(stepBegan);
            SendMessages();
            foreach (ref readonly var timer in _outbox.Timers)
            {
                _timers.Add(timer);
            }

            _performing.AddRange(_outbox.Effects);
            _outbox.Clear();
            foreach (var effect in _performing)
            {
                Perform(effect);
            }

            _performing.Clear();
        }
        while (reports++ < ReportsPerInputMax && (ReportUnreachable() || ReportNotSent()));
        if (_unreachable.Count + _notSent.Count > 0)
        {
            // A full inbox needs no tick: the next input does as well.
            TryPost(Tick.Instance);
        }
    }

    private void ShowObservations(Instant stepBegan)
    {
        if (_outbox.Observations.IsEmpty)
        {
            return;
        }

        try
        {
            _telemetry.Take(_outbox.Observations, Now, stepBegan);
        }
        catch (Exception exception)
        {
            LogTelemetryFailed(exception);
        }
    }

    private void Perform(Effect effect)
    {
        try
        {
            _effects.Perform(effect);
        }
        catch (Exception exception)
        {
            LogEffectFailed(exception, effect.GetType().Name);
        }
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

    /// <summary>Is an input or a batch of messages, and when it came.</summary>
    private readonly record struct Arrival(object Item, Instant At);
}
