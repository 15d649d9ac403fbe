using Microsoft.AspNetCore.Http;
using P2P.YouServ.Protocol;

namespace P2P.YouServ.Http.Files;

/// <summary>Decides how a request for one representation of a file is answered, and says so in status and headers; the bytes are up to the caller.</summary>
/// <param name="HasBody">Whether bytes follow.</param>
/// <param name="Ranges">The parts that follow; null for all.</param>
internal readonly record struct FileReply(bool HasBody, ByteRange[]? Ranges)
{
    /// <summary>What depends on who asks: kept by the visitor's browser only, and asked for again.</summary>
    public const string Private = "private, no-cache";

    private const string VaryByCoding = "Accept-Encoding";
    private const string Public = "public, no-cache";

    /// <summary>Sets status and headers.</summary>
    /// <param name="context">The request.</param>
    /// <param name="file">What is known of the file.</param>
    /// <param name="coding">The coding of the representation.</param>
    /// <param name="length">Its length in that coding; null if nobody knows before it is sent.</param>
    /// <param name="tag">Its tag.</param>
    public static FileReply Begin(HttpContext context, FileHeaders file, ContentCoding coding, long? length, string tag)
    {
        var (request, response) = (context.Request.Headers, context.Response.Headers);
        response.ETag = tag;
        response.LastModified = file.LastModified;
        if (file.IsCompressible)
        {
            response.Vary = VaryByCoding;
        }

        var outcome = Preconditions.Weigh(request.IfMatch, request.IfUnmodifiedSince, request.IfNoneMatch, request.IfModifiedSince, tag, file.Modified);
        if (outcome != Preconditions.Outcome.Proceed)
        {
            context.Response.StatusCode = outcome == Preconditions.Outcome.NotModified ? StatusCodes.Status304NotModified : StatusCodes.Status412PreconditionFailed;
            return default;
        }

        response.ContentType = file.ContentType;
        if (coding != ContentCoding.Identity)
        {
            response.ContentEncoding = coding == ContentCoding.Brotli ? "br" : "gzip";
            response.ContentLength = length;
            return new(HasBody: !HttpMethods.IsHead(context.Request.Method), null);
        }

        response.AcceptRanges = "bytes";
        var ranges = RangesOf(context, tag, file.Modified, length!.Value);
        if (ranges is [])
        {
            response.ContentRange = $"bytes */{length}";
            response.ContentType = default;
            context.Response.StatusCode = StatusCodes.Status416RangeNotSatisfiable;
            return default;
        }

        if (ranges is not null)
        {
            context.Response.StatusCode = StatusCodes.Status206PartialContent;
        }

        if (ranges is [var only])
        {
            response.ContentRange = $"bytes {only.First}-{only.Last}/{length}";
        }

        response.ContentLength = ranges is null ? length : ranges is [var single] ? single.Length : null;
        return new(HasBody: !HttpMethods.IsHead(context.Request.Method), ranges);
    }

    /// <summary>Sets what every answer with something of the folder carries.</summary>
    public static void SetPolicy(HttpResponse response, string contentSecurityPolicy, bool isPublic)
    {
        var headers = response.Headers;
        headers.CacheControl = isPublic ? Public : Private;
        headers.ContentSecurityPolicy = contentSecurityPolicy;
        headers.XContentTypeOptions = "nosniff";
        headers["Cross-Origin-Resource-Policy"] = isPublic ? "cross-origin" : "same-origin";
        if (!isPublic)
        {
            headers["X-Robots-Tag"] = "noindex";
        }
    }

    /// <summary>A range is one of the methods GET only (RFC 9110 §14.2).</summary>
    private static ByteRange[]? RangesOf(HttpContext context, string tag, DateTimeOffset modified, long length)
    {
        var headers = context.Request.Headers;
        return headers.Range.Count == 1 && HttpMethods.IsGet(context.Request.Method) && Preconditions.AllowRange(headers.IfRange, tag, modified)
            ? ByteRanges.Parse(headers.Range.ToString(), length)
            : null;
    }
}
