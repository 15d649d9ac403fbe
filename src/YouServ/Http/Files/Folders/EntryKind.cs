namespace P2P.YouServ.Http.Files;

/// <summary>What a path leads to.</summary>
internal enum EntryKind
{
    /// <summary>Nothing, or something beyond the site's folder.</summary>
    Missing,

    /// <summary>A regular file.</summary>
    File,

    /// <summary>A folder.</summary>
    Folder,

    /// <summary>What the system lets nobody here read.</summary>
    Unreadable,

    /// <summary>A pipe, a device or a socket, which a site has no use for.</summary>
    Special,
}
