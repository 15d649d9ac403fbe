namespace P2P.Scribe.Wire;

/// <summary>Writes how old a batch is in one byte: from 10 ms to some days in steps of a fourteenth; 0 where it is new, or nobody knows.</summary>
internal static class AgeField
{
    private const double StepsAnOctave = 10;

    private static readonly TimeSpan Unit = TimeSpan.FromMilliseconds(10);

    public static byte Write(TimeSpan age) =>
        age < Unit ? (byte)0 : (byte)Math.Clamp(1 + (int)Math.Round(StepsAnOctave * Math.Log2(age / Unit)), 1, byte.MaxValue);

    public static TimeSpan Read(byte code) => code == 0 ? TimeSpan.Zero : Unit * Math.Pow(2, (code - 1) / StepsAnOctave);
}
