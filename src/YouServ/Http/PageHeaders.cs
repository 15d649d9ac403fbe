using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;

namespace P2P.YouServ.Http;

/// <summary>Says what browsers may do with our own pages: load what this host serves, run no script but ours, stand in no frame, and be kept by nobody.</summary>
internal static class PageHeaders
{
    /// <summary>Sets them.</summary>
    /// <param name="response">The response.</param>
    /// <param name="formTargets">Where forms may lead beside this host; browsers count redirects after a form too.</param>
    public static void Set(HttpResponse response, string formTargets = "")
    {
        var headers = response.Headers;
        headers[HeaderNames.ContentSecurityPolicy] =
            $"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'{formTargets}; frame-ancestors 'none'; base-uri 'none'";
        headers[HeaderNames.XContentTypeOptions] = "nosniff";
        headers["Referrer-Policy"] = "same-origin"; // Without any, browsers hide the origin of forms too, by which we know our own.
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["X-Robots-Tag"] = "noindex";
        headers[HeaderNames.CacheControl] = "no-store";
    }
}
