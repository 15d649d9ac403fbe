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
    private readonly PriorityQueue<ulong, Instant> _byDue = new();
    private Deadline _deadline = new(TimerKind.Confirmations);
    private long _bytes;

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
        Await(number, kept, attempt: 1);
        router.Start(kept, firstHop, isOurs: false);
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
    /// <param name="givenUp">Receives the numbers of those that have been sent often enough.</param>
    public void Expire(TimerKey timer, List<ulong> givenUp)
    {
        if (!_deadline.TryTake(timer))
        {
            return;
        }

        while (_byDue.TryPeek(out var number, out var due))
        {
            if (!_entries.TryGetValue(number, out var entry))
            {
                _byDue.Dequeue();
            }
            else if (due > state.Now)
            {
                _deadline.Arm(due, state.Output);
                return;
            }
            else
            {
                _byDue.Dequeue();
                if (entry.Attempt >= state.Options.ConfirmationAttemptsMax)
                {
                    givenUp.Add(number);
                    continue;
                }

                Await(number, entry.Message, entry.Attempt + 1);
                router.Start(entry.Message, firstHop: null, isOurs: false);
            }
        }
    }

    private void Await(ulong number, in Message message, int attempt)
    {
        var entry = new Entry(message, attempt, state.Now + state.Options.ConfirmationTimeout * (1 << (attempt - 1)));
        _entries[number] = entry;
        _byDue.Enqueue(number, entry.Due);
        _deadline.Arm(entry.Due, state.Output);
        if (_byDue.Count > 2 * _entries.Count + StaleMax)
        {
            // Most have been confirmed long before they are due.
            _byDue.Clear();
            _byDue.EnqueueRange(_entries.Select(one => (one.Key, one.Value.Due)));
        }
    }

    private readonly record struct Entry(Message Message, int Attempt, Instant Due);
}
