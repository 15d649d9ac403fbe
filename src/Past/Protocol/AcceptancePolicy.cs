namespace P2P.Past.Protocol;

/// <summary>
/// Decides whether a node takes a replica (PAST §3.3.1): one that would take too large a share of what is left is refused, so that a node that fills up
/// goes on taking small files, which are most, while others have room for the large.
/// </summary>
internal static class AcceptancePolicy
{
    /// <param name="length">How long the content is.</param>
    /// <param name="freeBytes">How much room is left.</param>
    /// <param name="threshold">The largest share of that: t_pri or t_div.</param>
    public static bool Accepts(long length, long freeBytes, double threshold) => length <= freeBytes && length <= threshold * freeBytes;
}
