using System.Globalization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using P2P.YouServ.Protocol;

namespace P2P.YouServ.Http.Files;

/// <summary>
/// Speaks tus 1.0.0 (tus.io), the protocol of resumable uploads, with its extensions creation, creation-with-upload, termination and expiration. Metadata: <c>path</c> names the
/// file, or else <c>filename</c> does; <c>sha256</c> in hexadecimal digits is checked at the end; <c>overwrite</c> says <c>true</c> if a file there may give way, as If-Match does for
/// one state of it.
/// </summary>
internal sealed class TusEndpoint(UploadStore store, SiteFiles files, SiteFilesOptions options)
{
    private const string Version = "1.0.0";
    private const string BodyType = "application/offset+octet-stream";
    private const int WrongChecksum = 460;
    private const int HashDigits = 64;

    /// <summary>Answers a request.</summary>
    /// <param name="context">The request, which the owner has made.</param>
    /// <param name="id">The upload; empty for all of them.</param>
    public async ValueTask HandleAsync(HttpContext context, string id)
    {
        var (request, response) = (context.Request, context.Response);
        response.Headers["Tus-Resumable"] = Version;
        response.Headers.CacheControl = "no-store";
        if (HttpMethods.IsOptions(request.Method))
        {
            response.Headers["Tus-Version"] = Version;
            response.Headers["Tus-Extension"] = "creation,creation-with-upload,termination,expiration";
            response.Headers["Tus-Max-Size"] = Number(options.UploadBytesMax);
            response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        if (request.Headers["Tus-Resumable"] != Version)
        {
            response.Headers["Tus-Version"] = Version;
            response.StatusCode = StatusCodes.Status412PreconditionFailed;
            return;
        }

        switch (request.Method, id)
        {
            case ("POST", ""):
                await CreateAsync(context).ConfigureAwait(false);
                break;
            case ("HEAD", not ""):
                await TellOffsetAsync(context, id).ConfigureAwait(false);
                break;
            case ("PATCH", not ""):
                await AppendAsync(context, id).ConfigureAwait(false);
                break;
            case ("DELETE", not ""):
                response.StatusCode = await store.DropAsync(id, context.RequestAborted).ConfigureAwait(false) ? StatusCodes.Status204NoContent : StatusCodes.Status404NotFound;
                break;
            default:
                response.StatusCode = StatusCodes.Status405MethodNotAllowed;
                response.Headers.Allow = id.Length == 0 ? "OPTIONS, POST" : "OPTIONS, HEAD, PATCH, DELETE";
                break;
        }
    }

    private async ValueTask CreateAsync(HttpContext context)
    {
        var (request, response) = (context.Request, context.Response);
        if (Describe(request) is not { } upload)
        {
            response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var result = store.TryBegin(upload);
        if (result != UploadResult.Stored)
        {
            response.StatusCode = StatusOf(result);
            return;
        }

        response.Headers.Location = $"{request.PathBase}{request.Path.ToUriComponent().TrimEnd('/')}/{upload.Id}";
        if (request.ContentType == BodyType || upload.Length == 0)
        {
            result = await AppendAsync(context, upload, 0).ConfigureAwait(false);
        }

        response.StatusCode = result is UploadResult.Stored or UploadResult.Finished ? StatusCodes.Status201Created : StatusOf(result);
    }

    private async ValueTask TellOffsetAsync(HttpContext context, string id)
    {
        var response = context.Response;
        var result = await store.SettleAsync(id, context.RequestAborted).ConfigureAwait(false);
        if (result is not (UploadResult.Stored or UploadResult.Finished) || store.Find(id) is not { } session)
        {
            response.StatusCode = StatusOf(result);
            return;
        }

        response.Headers["Upload-Offset"] = Number(session.Offset);
        response.Headers["Upload-Length"] = Number(session.Upload.Length);
        response.Headers["Upload-Metadata"] = session.Upload.Metadata;
        response.Headers["Upload-Expires"] = store.ExpiryOf(session).ToString("R", CultureInfo.InvariantCulture);
        response.StatusCode = StatusCodes.Status200OK;
    }

    private async ValueTask AppendAsync(HttpContext context, string id)
    {
        var (request, response) = (context.Request, context.Response);
        if (request.ContentType != BodyType)
        {
            response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        var session = TryNumber(request.Headers["Upload-Offset"].ToString(), out var offset) ? store.Find(id) : null;
        if (session is null)
        {
            response.StatusCode = offset < 0 ? StatusCodes.Status400BadRequest : StatusCodes.Status404NotFound;
            return;
        }

        var result = await AppendAsync(context, session.Upload, offset).ConfigureAwait(false);
        response.StatusCode = result is UploadResult.Stored or UploadResult.Finished ? StatusCodes.Status204NoContent : StatusOf(result);
    }

    private async ValueTask<UploadResult> AppendAsync(HttpContext context, Upload upload, long offset)
    {
        var response = context.Response;
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } bound)
        {
            bound.MaxRequestBodySize = Math.Max(0, upload.Length - offset);
        }

        var (result, reached) = await store.AppendAsync(upload.Id, offset, context.Request.BodyReader, context.RequestAborted).ConfigureAwait(false);
        if (result == UploadResult.Interrupted)
        {
            context.Abort();
        }

        response.Headers["Upload-Offset"] = Number(reached);
        if (result == UploadResult.Finished)
        {
            response.Headers.ETag = files.TagOf(upload.Target);
        }

        return result;
    }

    private Upload? Describe(HttpRequest request)
    {
        var metadata = request.Headers["Upload-Metadata"].ToString();
        if (UploadMetadata.Parse(metadata) is not { } values
            || !TryNumber(request.Headers["Upload-Length"].ToString(), out var length)
            || !SitePath.TryParse(values.GetValueOrDefault("path") ?? values.GetValueOrDefault("filename"), out var path)
            || path.IsRoot
            || !options.Serves(path))
        {
            return null;
        }

        var hash = values.GetValueOrDefault("sha256");
        if (hash is not null && (hash.Length != HashDigits || !hash.All(char.IsAsciiHexDigit)))
        {
            return null;
        }

        return new()
        {
            Id = UploadStore.NewId(),
            Path = path.Value,
            Length = length,
            Sha256 = hash?.ToLowerInvariant(),
            Overwrites = values.GetValueOrDefault("overwrite") == "true",
            IfMatch = request.Headers.IfMatch.Count > 0 ? request.Headers.IfMatch.ToString() : null,
            Metadata = metadata,
        };
    }

    private static int StatusOf(UploadResult result) => result switch
    {
        UploadResult.Unknown => StatusCodes.Status404NotFound,
        UploadResult.WrongOffset or UploadResult.Exists => StatusCodes.Status409Conflict,
        UploadResult.TooLong => StatusCodes.Status413PayloadTooLarge,
        UploadResult.NoSpace => StatusCodes.Status507InsufficientStorage,
        UploadResult.TooMany => StatusCodes.Status429TooManyRequests,
        UploadResult.Changed => StatusCodes.Status412PreconditionFailed,
        UploadResult.WrongContent => WrongChecksum,
        _ => StatusCodes.Status403Forbidden,
    };

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static bool TryNumber(string text, out long number)
    {
        var isNumber = long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        number = isNumber ? number : -1;
        return isNumber;
    }
}
