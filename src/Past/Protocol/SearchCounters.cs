using P2P.Past.Wire;

namespace P2P.Past.Protocol;

/// <summary>Counts the searches for files that a node has answered because it had the file or knew who has, and the hops that they had made.</summary>
internal sealed class SearchCounters
{
    public long Answered { get; private set; }

    public long Hops { get; private set; }

    public void Count(in SearchHead search, int hops)
    {
        if (search.Kind == PastMessageKind.LookupSearch)
        {
            Answered++;
            Hops += hops;
        }
    }
}
