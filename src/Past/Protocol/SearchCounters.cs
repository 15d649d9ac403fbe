using P2P.Past.Wire;

namespace P2P.Past.Protocol;

/// <summary>
/// Counts the searches of lookups that a node has answered because it had the file or knew who has, and the hops that they had made; from who only knows, the
/// lookup goes one hop further. Thorough searches, which caches don't answer, are not counted.
/// </summary>
internal sealed class SearchCounters
{
    public long Answered { get; private set; }

    public long Hops { get; private set; }

    public void Count(in SearchHead search, int hops)
    {
        if (search is { Kind: PastMessageKind.LookupSearch, Thorough: false })
        {
            Answered++;
            Hops += hops;
        }
    }
}
