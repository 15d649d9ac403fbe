namespace P2P.Bloom.Wire;

/// <summary>
/// Bounds what a reader allocates by the length of its input: 256 times as much, or 64 KiB if that is more. Writers fill very sparse filters up with
/// zeros, so that the rule holds for all that they write.
/// </summary>
internal ref struct Allowance(int inputLength)
{
    private const int Factor = 256;
    private const long Free = 1 << 16;

    private long _rest = Math.Max(Free, (long)Factor * inputLength);

    /// <summary>Computes how long an encoding must be, at least, for filters of this many bytes.</summary>
    public static long LengthMinFor(long bytes, bool isAlone = true) => isAlone && bytes <= Free ? 0 : (bytes + Factor - 1) / Factor;

    public bool TryTake(long bytes)
    {
        if (bytes > _rest)
        {
            return false;
        }

        _rest -= bytes;
        return true;
    }
}
