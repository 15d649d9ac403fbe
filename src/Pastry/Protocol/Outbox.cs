using System.Runtime.InteropServices;
using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>
/// Collects what a machine wants done. Whoever calls the machine carries it out right after the call, in the order messages, timers,
/// effects, and clears the outbox; payloads of messages are valid no longer than that.
/// </summary>
internal sealed class Outbox
{
    private readonly List<Outgoing> _messages = [];
    private readonly List<TimerRequest> _timers = [];
    private readonly List<Effect> _effects = [];
    private readonly List<Observation> _observations = [];

    /// <summary>Tells whether anybody wants to know what becomes of messages; where nobody does, nothing is noted.</summary>
    public bool IsObserved { get; set; }

    public ReadOnlySpan<Outgoing> Messages => CollectionsMarshal.AsSpan(_messages);

    public ReadOnlySpan<TimerRequest> Timers => CollectionsMarshal.AsSpan(_timers);

    public ReadOnlySpan<Effect> Effects => CollectionsMarshal.AsSpan(_effects);

    public ReadOnlySpan<Observation> Observations => CollectionsMarshal.AsSpan(_observations);

    public void Send(NodeHandle to, in Message message) => _messages.Add(new Outgoing(to, message));

    public void SetTimer(TimerKey key, Instant due) => _timers.Add(new TimerRequest(key, due));

    public void Perform(Effect effect) => _effects.Add(effect);

    public void Observe(in Observation observation) => _observations.Add(observation);

    public void Clear()
    {
        _messages.Clear();
        _timers.Clear();
        _effects.Clear();
        _observations.Clear();
    }
}

/// <summary>Is a message to be sent.</summary>
internal readonly record struct Outgoing(NodeHandle To, Message Message);

/// <summary>Is a timer to be set.</summary>
internal readonly record struct TimerRequest(TimerKey Key, Instant Due);
