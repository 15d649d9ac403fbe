namespace P2P.YouServ.Http.Files;

/// <summary>What a path leads to at this moment.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Stamp">Its state; of no meaning where nothing is there.</param>
internal readonly record struct SiteEntry(EntryKind Kind, FileStamp Stamp)
{
    public static SiteEntry Missing => default;
}
