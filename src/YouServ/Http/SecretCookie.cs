using Microsoft.AspNetCore.Http;

namespace P2P.YouServ.Http;

/// <summary>
/// Keeps a secret in a browser for this host alone: the prefix <c>__Host-</c> makes browsers refuse it for other hosts of the zone, and from them. Where a request came without
/// TLS, browsers would not take it; there it has no prefix, and no domain either.
/// </summary>
internal sealed class SecretCookie(string name)
{
    public string? Read(HttpRequest request) =>
        request.Headers.Cookie.Count > 0 && request.Cookies.TryGetValue(NameFor(request), out var value) ? value : null;

    public void Write(HttpContext context, string value, TimeSpan lifetime) => context.Response.Cookies.Append(NameFor(context.Request), value, Options(context.Request, lifetime));

    public void Delete(HttpContext context) => context.Response.Cookies.Append(NameFor(context.Request), "", Options(context.Request, TimeSpan.Zero));

    private string NameFor(HttpRequest request) => RequestOrigin.IsConfidential(request) ? $"__Host-{name}" : name;

    private static CookieOptions Options(HttpRequest request, TimeSpan lifetime) => new()
    {
        HttpOnly = true,
        IsEssential = true,
        MaxAge = lifetime,
        Path = "/",
        SameSite = SameSiteMode.Lax,
        Secure = RequestOrigin.IsConfidential(request),
    };
}
