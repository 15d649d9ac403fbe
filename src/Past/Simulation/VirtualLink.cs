using P2P.Pastry;

namespace P2P.Past.Simulation;

/// <summary>
/// Is one direction of a node's line. What it carries stands in a queue, each transfer at the line's full rate after the one before: the line is
/// never idle while something waits, and never carries more than it can.
/// </summary>
internal struct VirtualLink(double bitsPerSecond)
{
    private readonly double _secondsPerByte = 8 / bitsPerSecond;
    private Instant _free;

    /// <summary>Lets bytes stand in the queue.</summary>
    /// <returns>When the last of them has passed.</returns>
    public Instant Carry(long bytes, Instant now)
    {
        var begin = _free > now ? _free : now;
        _free = begin + TimeSpan.FromSeconds(bytes * _secondsPerByte);
        return _free;
    }
}
