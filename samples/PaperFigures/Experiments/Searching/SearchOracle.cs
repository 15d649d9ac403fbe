namespace PaperFigures.Experiments.Searching;

/// <summary>Knows what a search has to find, from the words of all sites and not from what registrar and peers say of them.</summary>
internal static class SearchOracle
{
    /// <summary>How long it may take until all know of a change: nothing is said of a site that changes so shortly before a search, or during it.</summary>
    private static readonly TimeSpan Flux = TimeSpan.FromSeconds(5);

    /// <summary>Counts the sites that were found and do not have the words, and those that have them, answer when they are asked, and were not found; but for those that were too far away.</summary>
    /// <param name="world">The world.</param>
    /// <param name="outcome">The search.</param>
    /// <param name="changes">Whether sites changed in that run.</param>
    public static int CountWrong(SearchWorld world, SearchOutcome outcome, bool changes)
    {
        var asked = world.Queries[outcome.Number];
        var (found, missed) = (outcome.Found.ToHashSet(), outcome.Missed.ToHashSet());
        var wrong = 0;
        for (var site = 0; site < world.Setup.Peers; site++)
        {
            var changing = changes ? world.Changes.Where(change => change.Peer == site) : [];
            if (!changing.Any(change => change.At > asked.At - Flux && change.At <= asked.At + outcome.End))
            {
                var isToBeFound = world.Kinds[site] == PeerKind.Prompt && HasAll(world.Words[site], changing.Where(change => change.At <= asked.At), asked.Wanted.Words);
                wrong += found.Contains(site) == isToBeFound || (isToBeFound && missed.Contains(site)) ? 0 : 1;
            }
        }

        return wrong;
    }

    private static bool HasAll(int[] words, IEnumerable<SiteChange> changes, int[] wanted) =>
        Array.TrueForAll(wanted, word => changes.Aggregate(
            Array.BinarySearch(words, word) >= 0,
            (hasWord, change) => word != change.Removed && (hasWord || word == change.Added)));
}
