namespace P2P.Past.Protocol;

/// <summary>
/// Decides whether a node takes a replica (PAST §3.3.1): one that would take too large a share of what is left is refused, so that a node that fills up
/// goes on taking small files, which are most, while others have room for the large.
/// </summary>
/// <param name="Threshold">The largest share of the free room: t_pri or t_div.</param>
/// <param name="RoomyFactor">
/// How many times that share a node gives while it is empty; it falls in proportion to the free room. The paper has one share for all times, by which a
/// large file is refused although all disks are empty.
/// </param>
internal readonly record struct AcceptancePolicy(double Threshold, double RoomyFactor)
{
    /// <param name="length">How long the content is.</param>
    /// <param name="freeBytes">How much room is left.</param>
    /// <param name="capacityBytes">How much there is in all.</param>
    public bool Accepts(long length, long freeBytes, long capacityBytes)
    {
        var share = Threshold * Math.Max(1, RoomyFactor * freeBytes / Math.Max(1, capacityBytes));
        // Whoever gives no room takes no empty file either.
        return capacityBytes > 0 && length <= freeBytes && length <= share * freeBytes;
    }
}
