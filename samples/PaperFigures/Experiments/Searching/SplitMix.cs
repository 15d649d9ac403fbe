namespace PaperFigures.Experiments.Searching;

/// <summary>Draws numbers that belong to something, whatever else is drawn, and in which order (SplitMix64).</summary>
internal static class SplitMix
{
    public static ulong Of(ulong seed, ulong one, ulong other) => Next(Next(Next(seed) ^ one) ^ other);

    public static ulong Next(ulong state)
    {
        state += 0x9e3779b97f4a7c15;
        state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
        state = (state ^ (state >> 27)) * 0x94d049bb133111eb;
        return state ^ (state >> 31);
    }

    /// <summary>Makes a number from [0, 1) of 64 bits.</summary>
    public static double Fraction(ulong bits) => (bits >> 11) * (1.0 / (1UL << 53));
}
