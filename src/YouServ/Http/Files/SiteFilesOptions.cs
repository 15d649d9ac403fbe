namespace P2P.YouServ.Http.Files;

/// <summary>Sets how a site's folder is served.</summary>
internal sealed record SiteFilesOptions
{
    /// <summary>The name, and the beginning of names, in the site's folder that the site itself uses: never served, listed or written by a request.</summary>
    public const string ReservedPrefix = ".youserv";

    private const string StrictPolicy =
        "default-src 'self' data: blob:; script-src 'none'; style-src 'self' 'unsafe-inline' data:; object-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'";

    private const string ScriptsPolicy =
        "default-src 'self' data: blob:; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline' data:; object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'self'";

    /// <summary>Whether names with a dot in front are served and listed. Off by default: such files hold settings and passwords more often than pages.</summary>
    public bool ShowsHidden { get; init; }

    /// <summary>
    /// Whether pages of the folder may run scripts of the site. Off by default: a script acts with the rights of whoever looks at it, the owner's too, so
    /// switch it on only if nobody but the owner can put files there.
    /// </summary>
    public bool RunsScripts { get; init; }

    /// <summary>Bytes of memory for small files. Default 32 MiB; what was used least lately gives way.</summary>
    public long CacheBytes { get; init; } = 32 << 20;

    /// <summary>How large a file may be to be kept in memory. Default 64 KiB.</summary>
    public int CachedFileBytesMax { get; init; } = 64 << 10;

    /// <summary>How large a file may be to be compressed on its way. Default 64 MiB; larger ones go as they are.</summary>
    public long CompressedBytesMax { get; init; } = 64 << 20;

    /// <summary>Entries on one page of a listing. Default 1,000.</summary>
    public int ListingPageMax { get; init; } = 1000;

    /// <summary>Entries of a folder that are read for a listing. Default 100,000; what comes after them is not shown, and the page says so.</summary>
    public int ListingEntriesMax { get; init; } = 100_000;

    /// <summary>Files in one ZIP. Default 200,000; a folder with more breaks off, so that nobody takes a part for the whole.</summary>
    public int ZipEntriesMax { get; init; } = 200_000;

    /// <summary>How large an upload may be. Default 1 TiB; the disk's room bounds it anyway.</summary>
    public long UploadBytesMax { get; init; } = 1L << 40;

    /// <summary>Bytes of the disk that uploads leave free. Default 1 GiB.</summary>
    public long FreeBytesReserve { get; init; } = 1L << 30;

    /// <summary>How many uploads may be unfinished. Default 256; one more is refused.</summary>
    public int UploadsMax { get; init; } = 256;

    /// <summary>How long an upload that gets no more bytes is kept. Default 2 days.</summary>
    public TimeSpan UploadExpiry { get; init; } = TimeSpan.FromDays(2);

    /// <summary>What listings lead to beside the folder. Default: nothing.</summary>
    public IReadOnlyList<PageEntry> Entries { get; init; } = [];

    /// <summary>What pages of the folder may do in a browser.</summary>
    public string ContentSecurityPolicy => RunsScripts ? ScriptsPolicy : StrictPolicy;

    /// <summary>Tells whether a request may see a path at all.</summary>
    public bool Serves(SitePath path) => ShowsHidden ? !IsReserved(path) : !path.IsHidden;

    /// <summary>Tells whether a path belongs to the site itself. Case does not count, since on some disks it does not.</summary>
    public static bool IsReserved(SitePath path) => path.Value.StartsWith(ReservedPrefix, StringComparison.OrdinalIgnoreCase);
}
