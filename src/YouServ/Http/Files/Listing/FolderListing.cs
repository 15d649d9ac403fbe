using P2P.YouServ.Protocol;

namespace P2P.YouServ.Http.Files;

/// <summary>One page of what a visitor may see in a folder.</summary>
/// <param name="Folder">The folder.</param>
/// <param name="Order">The order, with the page that there is.</param>
/// <param name="Entries">The entries of the page.</param>
/// <param name="Count">Entries on all pages.</param>
/// <param name="Pages">How many pages there are, at least one.</param>
/// <param name="IsCut">Whether the folder holds more than is listed.</param>
internal sealed record FolderListing(SitePath Folder, ListingOrder Order, IReadOnlyList<ListedEntry> Entries, int Count, int Pages, bool IsCut)
{
    public static FolderListing Read(SiteFolder folder, SitePath path, ISiteAccess access, Visitor visitor, SiteFilesOptions options, ListingOrder order)
    {
        var all = new List<ListedEntry>();
        var isCut = false;
        foreach (var (name, entry) in folder.List(path))
        {
            if (all.Count == options.ListingEntriesMax)
            {
                isCut = true;
                break;
            }

            var child = path.Append(name);
            if (IsVisible(access, visitor, options, child, entry.Kind))
            {
                all.Add(new(name, entry.Kind == EntryKind.Folder, entry.Kind == EntryKind.Folder ? 0 : entry.Stamp.Length, FileHeaders.WholeSeconds(entry.Stamp.ModifiedAt)));
            }
        }

        all.Sort(order.Compare);
        var pages = Math.Max(1, (all.Count + options.ListingPageMax - 1) / options.ListingPageMax);
        var shown = order with { Page = Math.Min(order.Page, pages) };
        return new(path, shown, [.. all.Skip((shown.Page - 1) * options.ListingPageMax).Take(options.ListingPageMax)], all.Count, pages, isCut);
    }

    /// <summary>Tells whether a visitor sees something: a file that may be read, a folder that may be or that leads to what may be.</summary>
    public static bool IsVisible(ISiteAccess access, Visitor visitor, SiteFilesOptions options, SitePath path, EntryKind kind) =>
        options.Serves(path) && kind switch
        {
            EntryKind.File => access.Decide(visitor, path) == AccessDecision.Granted,
            EntryKind.Folder => access.LeadsToGranted(visitor, path),
            _ => false,
        };
}
