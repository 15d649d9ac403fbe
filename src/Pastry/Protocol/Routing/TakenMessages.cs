namespace P2P.Pastry.Protocol;

/// <summary>
/// Remembers which numbered messages an application of this node has taken, so that it takes none twice: what is sent again, or came over
/// two ways, is only confirmed again. It forgets a message when nobody repeats it any more, and the oldest beyond its bound.
/// </summary>
internal sealed class TakenMessages(NodeState state)
{
    private const int Max = 8192;

    private readonly HashSet<(NodeId Origin, ulong Number)> _taken = [];
    private readonly HashSet<ulong> _numbers = [];
    private readonly Queue<(NodeId Origin, ulong Number, Instant Until)> _byAge = [];

    /// <summary>How long a message may come again, if its origin is set as this node is: as long as it is repeated, and then waits at some node on the way.</summary>
    private TimeSpan Lifetime => state.Options.ConfirmationTimeout * ((1 << state.Options.ConfirmationAttemptsMax) * 1.25) + state.Options.HeldMessageLifetime;

    /// <summary>Tells at no cost that no message with this number was taken, whoever its origin is.</summary>
    public bool MayContain(ulong number) => _numbers.Contains(number);

    public bool Contains(NodeId origin, ulong number) => _taken.Contains((origin, number));

    public void Add(NodeId origin, ulong number)
    {
        while (_byAge.TryPeek(out var oldest) && (oldest.Until <= state.Now || _byAge.Count >= Max))
        {
            _byAge.Dequeue();
            _taken.Remove((oldest.Origin, oldest.Number));
            _numbers.Remove(oldest.Number);
        }

        if (_taken.Add((origin, number)))
        {
            _numbers.Add(number);
            _byAge.Enqueue((origin, number, state.Now + Lifetime));
        }
    }
}
