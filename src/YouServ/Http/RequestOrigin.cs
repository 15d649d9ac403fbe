using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace P2P.YouServ.Http;

/// <summary>
/// Tells whether a request comes from a page of this very host. Sites of one zone are the same site to a browser, which sends them each other's cookies in requests that forms
/// and scripts make; so that a cookie alone proves nothing.
/// </summary>
internal static class RequestOrigin
{
    /// <summary>Tells whether the page that made the request is of this origin.</summary>
    /// <param name="request">The request.</param>
    /// <param name="publicUrl">The origin as browsers see it; null for the host that the request names.</param>
    public static bool IsOwn(HttpRequest request, Uri? publicUrl = null)
    {
        // Browsers that tell it themselves leave no room for doubt; they do so where the wire is safe.
        if (request.Headers["Sec-Fetch-Site"] is [var site])
        {
            return site == "same-origin";
        }

        return request.Headers[HeaderNames.Origin] is [{ } origin]
            && string.Equals(origin, publicUrl?.GetLeftPart(UriPartial.Authority) ?? $"{request.Scheme}://{request.Host.Value}", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>Tells whether browsers keep secrets that are sent by this request: it came by TLS, or never left the machine.</summary>
    public static bool IsConfidential(HttpRequest request) =>
        request.IsHttps || request.Host.Host == "localhost" || request.Host.Host.EndsWith(".localhost", StringComparison.OrdinalIgnoreCase);

    /// <summary>Tells whether text is a path on this host as a header says it, and cannot lead elsewhere.</summary>
    public static bool IsLocalPath(string? path) =>
        path is ['/', ..] && !(path is [_, '/' or '\\', ..]) && !path.Any(c => char.IsControl(c) || !char.IsAscii(c) || c == '\\');
}
