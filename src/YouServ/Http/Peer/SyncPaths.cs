using System.Buffers.Binary;
using System.Globalization;
using System.IO.Pipelines;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Win32.SafeHandles;
using P2P.YouServ.Hosting;
using P2P.YouServ.Http.Files;
using P2P.YouServ.Protocol;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Http;

/// <summary>Lets the peers that the owner has accepted as replicas copy the site: they see all of it, whoever else may.</summary>
internal sealed class SyncPaths(PeerSite site, CopySource source, SiteFilesOptions serving, TimeProvider clock)
{
    public const string Prefix = "sync/";

    /// <summary>How many files are asked for together.</summary>
    public const int FilesTogether = 1000;

    /// <summary>How many bytes of one file are asked for together.</summary>
    public const int RunLengthMax = 64 * Blocks.Length;

    private const string Scheme = "Bearer ";
    private const int AskLengthMax = 8 << 20;
    private const int PieceLength = 64 << 10;

    private static readonly TimeSpan PatienceMax = TimeSpan.FromMinutes(5);

    public async Task InvokeAsync(HttpContext context, PeerIdentity identity, string path)
    {
        var header = context.Request.Headers.Authorization.ToString();
        var pass = header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? site.ReadSyncPass(header[Scheme.Length..], clock.GetUtcNow()) : null;
        if (pass is null || pass.Holder == identity.Host)
        {
            await ErrorPages.WriteAsync(context, StatusCodes.Status403Forbidden, "This is no pass for a copy of this site.").ConfigureAwait(false);
            return;
        }

        context.Response.Headers.CacheControl = "no-store";
        await ((context.Request.Method, path) switch
        {
            ("GET", "state") => StateAsync(context),
            ("GET", "rules") => JsonBody.WriteAsync(context, source.Rules, WireJson.Default.SharedRules),
            ("GET", "folder") => FolderAsync(context),
            ("GET", "blocks") => BlocksAsync(context),
            ("GET", "file") => FileAsync(context),
            ("POST", "files") => FilesAsync(context),
            _ => NothingAsync(context),
        }).ConfigureAwait(false);
    }

    private static Task NothingAsync(HttpContext context) => ErrorPages.WriteAsync(context, StatusCodes.Status404NotFound, "There is nothing here.");

    private async Task StateAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var patience = double.TryParse(query["wait"], NumberStyles.Float, CultureInfo.InvariantCulture, out var seconds) && seconds > 0
            ? TimeSpan.FromSeconds(Math.Min(seconds, PatienceMax.TotalSeconds))
            : TimeSpan.Zero;
        var state = await source.WaitAsync(query["files"], query["rules"], patience, context.RequestAborted).ConfigureAwait(false);
        await JsonBody.WriteAsync(context, state, WireJson.Default.SiteState).ConfigureAwait(false);
    }

    private async Task FolderAsync(HttpContext context)
    {
        var index = await source.OpenAsync().ConfigureAwait(false);
        if (!SitePath.TryParse(context.Request.Query["path"].ToString(), out var path) || index.Root.Find(path) is not { } folder)
        {
            await NothingAsync(context).ConfigureAwait(false);
            return;
        }

        context.Response.ContentType = "application/octet-stream";
        var output = context.Response.BodyWriter;
        var unflushed = 0;
        foreach (var entry in folder.Entries)
        {
            FolderFormat.Write(output, entry);
            if (++unflushed == 500)
            {
                unflushed = 0;
                await output.FlushAsync(context.RequestAborted).ConfigureAwait(false);
            }
        }

        await output.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    private async Task BlocksAsync(HttpContext context)
    {
        var index = await source.OpenAsync().ConfigureAwait(false);
        var query = context.Request.Query;
        if (!SitePath.TryParse(query["path"].ToString(), out var path)
            || !ContentDigest.TryParse(query["digest"], out var digest)
            || await index.BlocksOfAsync(path, digest).ConfigureAwait(false) is not { } blocks)
        {
            await NothingAsync(context).ConfigureAwait(false);
            return;
        }

        context.Response.ContentType = "application/octet-stream";
        context.Response.ContentLength = (long)blocks.Length * ContentDigest.Length;
        var output = context.Response.BodyWriter;
        foreach (var part in blocks.Chunk(1024))
        {
            foreach (var block in part)
            {
                block.WriteTo(output.GetSpan(ContentDigest.Length));
                output.Advance(ContentDigest.Length);
            }

            await output.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        }
    }

    private async Task FileAsync(HttpContext context)
    {
        var query = context.Request.Query;
        if (!SitePath.TryParse(query["path"].ToString(), out var path)
            || !long.TryParse(query["from"], NumberStyles.None, CultureInfo.InvariantCulture, out var from)
            || !int.TryParse(query["length"], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
            || length > RunLengthMax)
        {
            await NothingAsync(context).ConfigureAwait(false);
            return;
        }

        using var file = OpenShared(path);
        if (file is null || from > site.Folder.StampOf(file).Length)
        {
            await NothingAsync(context).ConfigureAwait(false);
            return;
        }

        context.Response.ContentType = "application/octet-stream";
        await CopyAsync(file, from, length, context.Response.BodyWriter, context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Sends many small files together: for each 8 bytes, its length or -1 where it is gone, and its content.</summary>
    private async Task FilesAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = AskLengthMax;
        }

        string[]? paths = null;
        try
        {
            paths = await JsonSerializer.DeserializeAsync(context.Request.Body, WireJson.Default.StringArray, context.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is JsonException or BadHttpRequestException)
        {
        }

        if (paths is not { Length: <= FilesTogether })
        {
            await ErrorPages.WriteAsync(context, StatusCodes.Status400BadRequest, "This is no list of files.").ConfigureAwait(false);
            return;
        }

        context.Response.ContentType = "application/octet-stream";
        var output = context.Response.BodyWriter;
        foreach (var text in paths)
        {
            using var file = SitePath.TryParse(text, out var path) ? OpenShared(path) : null;
            var length = file is null ? -1 : Math.Min(site.Folder.StampOf(file).Length, Blocks.Length + 1);
            BinaryPrimitives.WriteInt64BigEndian(output.GetSpan(sizeof(long)), length);
            output.Advance(sizeof(long));
            if (file is not null && await CopyAsync(file, 0, length, output, context.RequestAborted).ConfigureAwait(false) < length)
            {
                context.Abort();
                return;
            }
        }

        await output.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }

    /// <summary>Files that are not served are not copied either.</summary>
    private SafeFileHandle? OpenShared(SitePath path) => serving.Serves(path) ? site.Folder.OpenFile(path, out _) : null;

    private static async ValueTask<long> CopyAsync(SafeFileHandle file, long from, long length, PipeWriter output, CancellationToken cancellationToken)
    {
        var sent = 0L;
        while (sent < length)
        {
            var piece = output.GetMemory((int)Math.Min(PieceLength, length - sent));
            var read = await RandomAccess.ReadAsync(file, piece[..(int)Math.Min(piece.Length, length - sent)], from + sent, cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                break;
            }

            output.Advance(read);
            sent += read;
            if (output.UnflushedBytes >= PieceLength)
            {
                await output.FlushAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        return sent;
    }
}
