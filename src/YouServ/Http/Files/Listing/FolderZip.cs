using System.Buffers;
using System.IO.Compression;
using Microsoft.AspNetCore.Http;

namespace P2P.YouServ.Http.Files;

/// <summary>
/// Streams what a visitor may read beneath a folder as a ZIP. Memory holds a piece of one file and a record of each entry, which the format wants at the end; so the number
/// of entries is bounded.
/// </summary>
internal sealed class FolderZip(SiteFolder folder, ISiteAccess access, SiteFilesOptions options)
{
    private const int PieceBytes = 64 << 10;
    private const int DepthMax = 128;

    // The format counts years from 1980 in seven bits.
    private static readonly DateTimeOffset TimeMin = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset TimeMax = new(2107, 12, 31, 23, 59, 58, TimeSpan.Zero);

    /// <summary>Writes the archive; a broken connection tells the visitor that it is not whole.</summary>
    public async ValueTask SendAsync(HttpContext context, SitePath root, Visitor visitor)
    {
        try
        {
            var body = new BodyStream(context.Response.BodyWriter);
            var archive = await ZipArchive.CreateAsync(body, ZipArchiveMode.Create, leaveOpen: true, entryNameEncoding: null, context.RequestAborted).ConfigureAwait(false);
            if (!await TryFillAsync(archive, root, visitor, context.RequestAborted).ConfigureAwait(false))
            {
                context.Abort();
                return;
            }

            await archive.DisposeAsync().ConfigureAwait(false);
            await body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            context.Abort();
        }
    }

    private async ValueTask<bool> TryFillAsync(ZipArchive archive, SitePath root, Visitor visitor, CancellationToken cancellationToken)
    {
        var count = 0;
        var levels = new Stack<Level>();
        try
        {
            levels.Push(new(root, folder.Find(root).Stamp, folder.List(root).GetEnumerator()));
            while (levels.TryPeek(out var level))
            {
                cancellationToken.ThrowIfCancellationRequested();
                if (!level.Entries.MoveNext())
                {
                    levels.Pop().Entries.Dispose();
                    continue;
                }

                var (name, entry) = level.Entries.Current;
                var path = level.Folder.Append(name);
                if (!FolderListing.IsVisible(access, visitor, options, path, entry.Kind) || (entry.Kind == EntryKind.Folder && IsAbove(levels, entry.Stamp)))
                {
                    continue;
                }

                if (++count > options.ZipEntriesMax || levels.Count == DepthMax)
                {
                    return false;
                }

                var inner = root.IsRoot ? path.Value : path.Value[(root.Value.Length + 1)..];
                if (entry.Kind == EntryKind.Folder)
                {
                    archive.CreateEntry(inner + "/").LastWriteTime = TimeOf(entry.Stamp);
                    levels.Push(new(path, entry.Stamp, folder.List(path).GetEnumerator()));
                }
                else
                {
                    await AddFileAsync(archive, path, inner, cancellationToken).ConfigureAwait(false);
                }
            }

            return true;
        }
        finally
        {
            while (levels.TryPop(out var level))
            {
                level.Entries.Dispose();
            }
        }
    }

    /// <summary>A link may lead to a folder that is being listed.</summary>
    private static bool IsAbove(Stack<Level> levels, FileStamp stamp) =>
        stamp.Node != 0 && levels.Any(level => level.Stamp.Node == stamp.Node && level.Stamp.Device == stamp.Device);

    private static DateTimeOffset TimeOf(in FileStamp stamp)
    {
        var time = stamp.ModifiedAt;
        return time < TimeMin ? TimeMin : time > TimeMax ? TimeMax : time;
    }

    private async ValueTask AddFileAsync(ZipArchive archive, SitePath path, string name, CancellationToken cancellationToken)
    {
        using var file = folder.OpenFile(path, out var entry);
        if (file is null)
        {
            return;
        }

        // Deflate also where it saves nothing: programs that read a ZIP from its beginning find the end of no other kind.
        var packed = archive.CreateEntry(name, CompressionLevel.Fastest);
        packed.LastWriteTime = TimeOf(entry.Stamp);
        var stream = await packed.OpenAsync(cancellationToken).ConfigureAwait(false);
        await using var closing = stream.ConfigureAwait(false);
        var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            int read;
            for (long sent = 0; (read = await RandomAccess.ReadAsync(file, buffer.AsMemory(0, PieceBytes), sent, cancellationToken).ConfigureAwait(false)) > 0; sent += read)
            {
                await stream.WriteAsync(buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private readonly record struct Level(SitePath Folder, FileStamp Stamp, IEnumerator<NamedEntry> Entries);
}
