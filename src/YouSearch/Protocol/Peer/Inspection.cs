using P2P.YouServ;

namespace P2P.YouSearch.Protocol;

/// <summary>Says what has become of a site's files since they were indexed, without reading any.</summary>
internal sealed class Inspection
{
    /// <summary>Files that are new, or whose stamp is another: what is in them has to be looked at.</summary>
    public List<SiteFile> Changed { get; } = [];

    /// <summary>Files that are what they were, and belong to another area now.</summary>
    public List<(IndexedFile Known, SiteFile Present)> Shifted { get; } = [];

    /// <summary>Files that are gone, by their paths.</summary>
    public Dictionary<string, IndexedFile> Gone { get; } = new(StringComparer.Ordinal);

    /// <summary>Compares.</summary>
    /// <param name="known">What is in the index, by path.</param>
    /// <param name="present">What is there.</param>
    /// <param name="areas">How the site is divided now.</param>
    /// <param name="filesMax">How many files are indexed at most; what comes after them is left out.</param>
    public static Inspection Of(IReadOnlyDictionary<string, IndexedFile> known, IEnumerable<SiteFile> present, AreaMap areas, int filesMax)
    {
        var inspection = new Inspection();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var file in present)
        {
            if (seen.Count >= filesMax)
            {
                break;
            }

            seen.Add(file.Path.Value);
            if (!known.TryGetValue(file.Path.Value, out var indexed) || indexed.Stamp != file.Stamp)
            {
                inspection.Changed.Add(file);
            }
            else if (indexed.Area != areas.AreaOf(file.Path))
            {
                inspection.Shifted.Add((indexed, file));
            }
        }

        foreach (var (path, indexed) in known)
        {
            if (!seen.Contains(path))
            {
                inspection.Gone.Add(path, indexed);
            }
        }

        return inspection;
    }
}
