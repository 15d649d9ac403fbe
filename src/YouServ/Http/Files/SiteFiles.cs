using Microsoft.AspNetCore.Http;
using Microsoft.Win32.SafeHandles;
using P2P.YouServ.Protocol;

namespace P2P.YouServ.Http.Files;

/// <summary>
/// Answers GET and HEAD requests for the files and folders of a site. Whether the visitor may read the path itself is decided before; whatever else an answer shows,
/// such as the entries of a folder, is asked for here.
/// </summary>
internal sealed partial class SiteFiles
{
    private static readonly TimeSpan SettlingTime = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ConfirmationInterval = TimeSpan.FromSeconds(1);

    private readonly SiteFolder _folder;
    private readonly ISiteAccess _access;
    private readonly SiteFilesOptions _options;
    private readonly TimeProvider _time;
    private readonly SmallFileCache _cache;
    private int _packers;

    public SiteFiles(SiteFolder folder, ISiteAccess access, SiteFilesOptions options, TimeProvider time)
    {
        _folder = folder;
        _access = access;
        _options = options;
        _time = time;
        _cache = new(options.CacheBytes);
    }

    /// <summary>Answers a request. An answer without a body (404, 405, 403, 416, 412) may still be given a page by the caller.</summary>
    /// <param name="context">The request.</param>
    /// <param name="path">What it asks for, which the visitor may read.</param>
    /// <param name="visitor">Who asks.</param>
    public ValueTask ServeAsync(HttpContext context, SitePath path, Visitor visitor)
    {
        var request = context.Request;
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
        {
            context.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            context.Response.Headers.Allow = "GET, HEAD";
            return default;
        }

        if (!_options.Serves(path))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return default;
        }

        return NamesFolder(request) || FindKept(path) is not { } kept
            ? ServeFromDiskAsync(context, path, visitor)
            : SendSmall(context, path, visitor, kept);
    }

    /// <summary>The tag that a file would be served with now; null if there is none.</summary>
    public string? TagOf(SitePath path) => _folder.Find(path) is { Kind: EntryKind.File } entry ? FileHeaders.TagOf(entry.Stamp) : null;

    private static bool NamesFolder(HttpRequest request) => request.Path.Value is [.., '/'];

    private SmallFile? FindKept(SitePath path)
    {
        if (_cache.Find(path) is not { } kept)
        {
            return null;
        }

        var now = _time.GetTimestamp();
        var isRecent = _time.GetElapsedTime(kept.ConfirmedAt, now) < ConfirmationInterval;
        if (isRecent ? _folder.LooksUnchanged(kept.Native, kept.Stamp) : _folder.IsUnchanged(kept.Native, kept.Stamp))
        {
            kept.ConfirmedAt = isRecent ? kept.ConfirmedAt : now;
            return kept;
        }

        _cache.Remove(kept);
        return null;
    }

    private async ValueTask ServeFromDiskAsync(HttpContext context, SitePath path, Visitor visitor)
    {
        try
        {
            await ServeEntryAsync(context, path, visitor).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            context.Abort();
        }
    }

    private async ValueTask ServeEntryAsync(HttpContext context, SitePath path, Visitor visitor)
    {
        var entry = _folder.Find(path);
        switch (entry.Kind)
        {
            case not EntryKind.Missing when !Spelling.IsExact(_folder, path):
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
            case EntryKind.File when !NamesFolder(context.Request):
                await ServeFileAsync(context, path, visitor).ConfigureAwait(false);
                break;
            case EntryKind.Folder:
                await ServeFolderAsync(context, path, visitor).ConfigureAwait(false);
                break;
            case EntryKind.Unreadable:
                context.Response.StatusCode = StatusCodes.Status403Forbidden;
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                break;
        }
    }

    private async ValueTask ServeFileAsync(HttpContext context, SitePath path, Visitor visitor)
    {
        if (FindKept(path) is { } kept)
        {
            await SendSmall(context, path, visitor, kept).ConfigureAwait(false);
            return;
        }

        using var file = _folder.OpenFile(path, out var entry);
        if (file is null)
        {
            context.Response.StatusCode = entry.Kind == EntryKind.Unreadable ? StatusCodes.Status403Forbidden : StatusCodes.Status404NotFound;
        }
        else if (await TryKeepAsync(path, file, entry.Stamp, context.RequestAborted).ConfigureAwait(false) is { } small)
        {
            await SendSmall(context, path, visitor, small).ConfigureAwait(false);
        }
        else
        {
            await SendLargeAsync(context, path, visitor, file, entry.Stamp).ConfigureAwait(false);
        }
    }

    private async ValueTask<SmallFile?> TryKeepAsync(SitePath path, SafeFileHandle file, FileStamp stamp, CancellationToken cancellationToken)
    {
        if (stamp.Length > _options.CachedFileBytesMax)
        {
            return null;
        }

        var small = await SmallFile.ReadAsync(_folder, path, file, stamp, cancellationToken).ConfigureAwait(false);

        // Clocks of file systems tick coarsely: a file that has just been written may be written again and keep its stamp.
        if (small is not null && stamp.ChangedAt < _time.GetUtcNow() - SettlingTime)
        {
            small.ConfirmedAt = _time.GetTimestamp();
            _cache.Add(small);
        }

        return small;
    }

    private ValueTask SendSmall(HttpContext context, SitePath path, Visitor visitor, SmallFile file)
    {
        var coding = ContentCoding.Identity;
        if (file.Headers.IsCompressible && context.Request.Headers.AcceptEncoding.Count > 0)
        {
            var accepted = AcceptedOf(context.Request);
            if (FindPacked(path, visitor, accepted, file.Stamp) is { } packed)
            {
                return SendPackedNeighbourAsync(context, path, file.Headers, packed);
            }

            coding = accepted.Best(hasBrotli: true, hasGzip: true);
        }

        var content = file.In(coding);
        if (content is null)
        {
            (coding, content) = (ContentCoding.Identity, file.Content);
        }

        Introduce(context, path);
        var reply = FileReply.Begin(context, file.Headers, coding, content.Length, WeakIfPacked(file.Headers, coding));
        return reply switch
        {
            { Ranges: [_, _, ..] } => SendPartsOfSmallAsync(context, path, file, reply),
            { HasBody: false } => default,
            { Ranges: [var only] } => Write(context, content.AsMemory((int)only.First, (int)only.Length)),
            _ => Write(context, content),
        };
    }

    private async ValueTask SendPartsOfSmallAsync(HttpContext context, SitePath path, SmallFile file, FileReply reply)
    {
        using var opened = _folder.OpenFile(path, out var entry);
        if (opened is null || entry.Stamp != file.Stamp)
        {
            context.Response.Clear();
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        await FileSending.SendAsync(context, opened, file.Content.Length, reply).ConfigureAwait(false);
    }

    private static ValueTask Write(HttpContext context, ReadOnlyMemory<byte> content)
    {
        var flush = context.Response.BodyWriter.WriteAsync(content);
        if (flush.IsCompletedSuccessfully)
        {
            flush.GetAwaiter().GetResult();
            return default;
        }

        return Finish(flush);

        static async ValueTask Finish(ValueTask<System.IO.Pipelines.FlushResult> flush) => await flush.ConfigureAwait(false);
    }

    private async ValueTask SendLargeAsync(HttpContext context, SitePath path, Visitor visitor, SafeFileHandle file, FileStamp stamp)
    {
        var headers = new FileHeaders(path.Name, stamp);
        var coding = ContentCoding.Identity;
        if (headers.IsCompressible && context.Request.Headers.AcceptEncoding.Count > 0)
        {
            var accepted = AcceptedOf(context.Request);
            if (FindPacked(path, visitor, accepted, stamp) is { } packed)
            {
                await SendPackedNeighbourAsync(context, path, headers, packed).ConfigureAwait(false);
                return;
            }

            coding = stamp.Length <= _options.CompressedBytesMax ? accepted.Best(hasBrotli: true, hasGzip: true) : ContentCoding.Identity;
        }

        var isPacker = coding != ContentCoding.Identity && TryBeginPacking();
        coding = isPacker ? coding : ContentCoding.Identity;
        try
        {
            Introduce(context, path);
            var reply = FileReply.Begin(context, headers, coding, isPacker ? null : stamp.Length, WeakIfPacked(headers, coding));
            if (!isPacker)
            {
                await FileSending.SendAsync(context, file, stamp.Length, reply).ConfigureAwait(false);
            }
            else if (reply.HasBody)
            {
                await FileSending.SendPackedAsync(context, file, stamp.Length, coding).ConfigureAwait(false);
            }
        }
        finally
        {
            if (isPacker)
            {
                Interlocked.Decrement(ref _packers);
            }
        }
    }

    private async ValueTask SendPackedNeighbourAsync(HttpContext context, SitePath path, FileHeaders described, PackedNeighbour packed)
    {
        using var file = packed.File;
        Introduce(context, path);
        var tag = new FileHeaders(path.Name, packed.Stamp).TagFor(packed.Coding);
        var reply = FileReply.Begin(context, described, packed.Coding, packed.Stamp.Length, tag);
        await FileSending.SendAsync(context, file, packed.Stamp.Length, reply).ConfigureAwait(false);
    }

    /// <summary>As many large files are compressed at a time as there are processors; the others go as they are.</summary>
    private bool TryBeginPacking()
    {
        if (Interlocked.Increment(ref _packers) <= Environment.ProcessorCount)
        {
            return true;
        }

        Interlocked.Decrement(ref _packers);
        return false;
    }

    /// <summary>Finds the file that somebody has compressed beforehand: <c>x.br</c> or <c>x.gz</c> beside <c>x</c>, not older, and open to the visitor as well.</summary>
    private PackedNeighbour? FindPacked(SitePath path, Visitor visitor, AcceptedCodings accepted, in FileStamp stamp)
    {
        var hasBrotli = accepted.Brotli > 0 && IsPackedNeighbour(path, ".br", visitor, stamp);
        var hasGzip = accepted.Gzip > 0 && IsPackedNeighbour(path, ".gz", visitor, stamp);
        var coding = accepted.Best(hasBrotli, hasGzip);
        if (coding == ContentCoding.Identity)
        {
            return null;
        }

        var file = _folder.OpenFile(Neighbour(path, coding == ContentCoding.Brotli ? ".br" : ".gz")!.Value, out var entry);
        return file is null ? null : new(file, entry.Stamp, coding);
    }

    private bool IsPackedNeighbour(SitePath path, string suffix, Visitor visitor, in FileStamp stamp) =>
        Neighbour(path, suffix) is { } neighbour
        && _folder.Find(neighbour) is { Kind: EntryKind.File } entry
        && entry.Stamp.Modified >= stamp.Modified
        && Spelling.IsExact(_folder, neighbour)
        && _access.Decide(visitor, neighbour) == AccessDecision.Granted;

    private static SitePath? Neighbour(SitePath path, string suffix) => SitePath.TryParse(path.Value + suffix, out var neighbour) ? neighbour : null;

    /// <summary>Parts are sent of the file as it is: who resumes a download can't know how it would be compressed this time.</summary>
    private static AcceptedCodings AcceptedOf(HttpRequest request) =>
        request.Headers.Range.Count > 0 ? default : AcceptedCodings.Parse(request.Headers.AcceptEncoding.ToString());

    /// <summary>What is compressed on the way may come out otherwise from another release: the same content, not the same bytes.</summary>
    private static string WeakIfPacked(FileHeaders headers, ContentCoding coding) =>
        coding == ContentCoding.Identity ? headers.Tag : "W/" + headers.TagFor(coding);

    private void Introduce(HttpContext context, SitePath path)
    {
        FileReply.SetPolicy(context.Response, _options.ContentSecurityPolicy, _access.IsPublic(path));
        if (context.Request.QueryString.HasValue && context.Request.Query.ContainsKey("download"))
        {
            SetDownloadName(context.Response, path.Name);
        }
    }

    private sealed record PackedNeighbour(SafeFileHandle File, FileStamp Stamp, ContentCoding Coding);
}
