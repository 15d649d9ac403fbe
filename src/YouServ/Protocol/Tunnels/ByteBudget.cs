namespace P2P.YouServ.Protocol;

/// <summary>Says how long to wait so that bytes pass at a certain rate on average, of which those of one second may pass at once.</summary>
/// <param name="bytesPerSecond">The rate.</param>
internal sealed class ByteBudget(long bytesPerSecond)
{
    private TimeSpan _free;

    /// <summary>Bytes have passed.</summary>
    /// <param name="bytes">How many.</param>
    /// <param name="now">The monotonic time.</param>
    /// <returns>How long to let nothing pass.</returns>
    public TimeSpan Spend(long bytes, TimeSpan now)
    {
        var begin = now - TimeSpan.FromSeconds(1);
        _free = (_free > begin ? _free : begin) + TimeSpan.FromSeconds(bytes / (double)bytesPerSecond);
        return _free > now ? _free - now : TimeSpan.Zero;
    }
}
