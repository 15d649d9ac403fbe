using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Keeps the messages that somebody is to confirm end to end, until somebody has. One that nobody confirms in time is sent again, as it was
/// and with its number, each time after twice as long; hops have tried other ways before, so what was lost has mostly died with a node.
/// </summary>
internal sealed class Unconfirmed(NodeState state, Router router)
{
    private const int StaleMax = 1024;

    private readonly Dictionary<ulong, Entry> _entries = [];
    private readonly PriorityQueue<ulong, (Instant Due, ulong Order)> _byDue = new();
    private Deadline _deadline = new(TimerKind.Confirmations);
    private long _bytes;
    private ulong _order;

    public int Count => _entries.Count;

    /// <summary>Starts a message that carries a number.</summary>
    /// <param name="message">The message, whose payload is pooled and the caller's.</param>
    /// <param name="number">Its number.</param>
    /// <param name="firstHop">A node to go to first, or null.</param>
    /// <returns>False where there is no room for it.</returns>
    public bool TryStart(in Message message, ulong number, NodeHandle? firstHop)
    {
        if (_entries.Count >= state.Options.PendingHopsMax || _bytes + message.Weight > state.Options.PendingBytesMax)
        {
            return false;
        }

        _bytes += message.Weight;
        var kept = message with { Payload = state.Payloads.Keep(message.Payload) };
        Send(number, new Entry(kept, state.Now + state.Options.ConfirmationTimeout * ((1 << state.Options.ConfirmationAttemptsMax) - 1)), firstHop);
        return true;
    }

    /// <summary>Takes the word of a node that it has taken the message.</summary>
    /// <param name="number">The message's number.</param>
    /// <param name="application">Whose message it was.</param>
    /// <returns>False where no such message is awaited.</returns>
    public bool TryTake(ulong number, out PastryApplicationId application)
    {
        if (!_entries.Remove(number, out var entry))
        {
            application = default;
            return false;
        }

        application = entry.Message.Application;
        _bytes -= entry.Message.Weight;
        state.Payloads.GiveBack(entry.Message.Payload);
        return true;
    }

    /// <summary>Sends again what is due.</summary>
    /// <param name="timer">The timer that went off.</param>
    /// <param name="givenUp">Receives those that have been sent often enough.</param>
    public void Expire(TimerKey timer, List<(PastryApplicationId Application, ulong Number)> givenUp)
    {
        if (!_deadline.TryTake(timer))
        {
            return;
        }

        while (_byDue.TryPeek(out var number, out var place))
        {
            if (!_entries.TryGetValue(number, out var entry) || entry.Place != place)
            {
                _byDue.Dequeue();
                continue;
            }

            if (place.Due > state.Now)
            {
                _deadline.Arm(place.Due, state.Output);
                break;
            }

            _byDue.Dequeue();
            if (entry.Attempts < state.Options.ConfirmationAttemptsMax && state.Now < entry.Until)
            {
                Send(number, entry, firstHop: null);
            }
            else if (TryTake(number, out var application))
            {
                givenUp.Add((application, number));
            }
        }
    }

    /// <summary>Gives up all of them, in the order in which they would have been repeated.</summary>
    public void GiveUpAll(List<(PastryApplicationId Application, ulong Number)> givenUp)
    {
        while (_byDue.TryDequeue(out var number, out _))
        {
            if (TryTake(number, out var application))
            {
                givenUp.Add((application, number));
            }
        }
    }

    private void Send(ulong number, in Entry entry, NodeHandle? firstHop)
    {
        var attempts = entry.Attempts + 1;
        Await(number, entry with { Attempts = attempts }, state.Options.ConfirmationTimeout * (1 << (attempts - 1)));
        if (!router.Start(entry.Message, firstHop, isOurs: false))
        {
            // It never left, and is tried again as soon as there may be room.
            Await(number, entry, state.Options.ConfirmationTimeout / 16);
        }
        else if (attempts > 1)
        {
            state.Counters.Repeated++;
        }
    }

    private void Await(ulong number, in Entry entry, TimeSpan pause)
    {
        // What was started together, and lost together, is not repeated together.
        var place = (Due: state.Now + state.Random.Jitter(pause, spread: 0.1), Order: ++_order);
        _entries[number] = entry with { Place = place };
        _byDue.Enqueue(number, place);
        _deadline.Arm(place.Due, state.Output);
        if (_byDue.Count > 2 * _entries.Count + StaleMax)
        {
            // Most have been confirmed long before they are due.
            _byDue.Clear();
            _byDue.EnqueueRange(_entries.Select(one => (one.Key, one.Value.Place)));
        }
    }

    private readonly record struct Entry(Message Message, Instant Until)
    {
        /// <summary>How often it was sent.</summary>
        public int Attempts { get; init; }

        /// <summary>Where it stands among those that wait.</summary>
        public (Instant Due, ulong Order) Place { get; init; }
    }
}
