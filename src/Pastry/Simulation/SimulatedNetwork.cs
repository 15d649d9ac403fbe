using P2P.Pastry.Protocol;

namespace P2P.Pastry.Simulation;

/// <summary>
/// Decides for each message whether it arrives, when and how often: delay by topology, jitter that reorders, loss, messages that come twice, and links that are cut in one
/// direction or both. Hosts are numbered from 0.
/// </summary>
/// <param name="topology">How far hosts are from each other.</param>
/// <param name="seed">Where its randomness comes from.</param>
public sealed class SimulatedNetwork(ITopology topology, ulong seed)
{
    private readonly List<Func<int, int, bool>> _cuts = [];
    private SeededRandom _random = new(seed);

    /// <summary>How far hosts are from each other.</summary>
    public ITopology Topology { get; } = topology;

    /// <summary>The fraction of messages that are lost, 0 to 1.</summary>
    public double LossRate { get; set; }

    /// <summary>
    /// How much longer than its delay a message may take, as a fraction of it: with 0.5 it takes 1 to 1.5 times as long, and messages of
    /// one pair overtake each other. 0 keeps them in order.
    /// </summary>
    public double Jitter { get; set; }

    /// <summary>The fraction of messages that arrive twice, 0 to 1; the second as long after the first as that took.</summary>
    public double DuplicateRate { get; set; }

    /// <summary>How many messages were lost, to chance or to cuts.</summary>
    public long LostCount { get; private set; }

    /// <summary>Cuts every way from one host to another for which the predicate holds, until the returned cut is disposed.</summary>
    public IDisposable Cut(Func<int, int, bool> isCut)
    {
        ArgumentNullException.ThrowIfNull(isCut);
        _cuts.Add(isCut);
        return new CutScope(this, isCut);
    }

    /// <summary>Splits the hosts in two parts that can't hear each other, until the returned cut is disposed.</summary>
    public IDisposable Partition(Func<int, bool> isInFirst)
    {
        ArgumentNullException.ThrowIfNull(isInFirst);
        return Cut((from, to) => isInFirst(from) != isInFirst(to));
    }

    /// <summary>Tells whether the way between two hosts is cut now.</summary>
    public bool IsCut(int from, int to)
    {
        foreach (var cut in _cuts)
        {
            if (cut(from, to))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Lets a message travel.</summary>
    /// <param name="from">The sender's host.</param>
    /// <param name="to">The receiver's host.</param>
    /// <param name="transit">How long it takes.</param>
    /// <returns>False where it is lost.</returns>
    public bool TryTransit(int from, int to, out TimeSpan transit)
    {
        transit = Topology.Delay(from, to);
        if (Jitter > 0)
        {
            transit *= 1 + Jitter * _random.NextDouble();
        }

        if ((LossRate > 0 && _random.NextDouble() < LossRate) || IsCut(from, to))
        {
            LostCount++;
            return false;
        }

        return true;
    }

    /// <summary>Tells whether a message that arrives does so once more.</summary>
    public bool IsDoubled() => DuplicateRate > 0 && _random.NextDouble() < DuplicateRate;

    private sealed class CutScope(SimulatedNetwork network, Func<int, int, bool> isCut) : IDisposable
    {
        public void Dispose() => network._cuts.Remove(isCut);
    }
}
