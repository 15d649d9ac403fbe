namespace P2P.Pastry.Protocol;

/// <summary>Draws numbers that depend on the seed alone (SplitMix64), so that a run can be repeated.</summary>
internal struct SeededRandom(ulong seed)
{
    private ulong _state = seed;

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = _state;
        mixed = (mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }

    /// <summary>Draws from 0 to <paramref name="bound"/> − 1.</summary>
    public int Next(int bound) => (int)Math.BigMul(Next(), (ulong)bound, out _);

    /// <summary>Draws from [0, 1).</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    /// <summary>Draws a span between (1 − <paramref name="spread"/>) and (1 + <paramref name="spread"/>) times the given one.</summary>
    public TimeSpan Jitter(TimeSpan span, double spread) => span * (1 - spread + 2 * spread * NextDouble());
}
