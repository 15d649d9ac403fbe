using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Http;

internal sealed partial class CoordinatorPages
{
    private const int NonceLengthMax = 64;

    private async Task ShowSignInAsync(HttpContext context) => await WriteSignInAsync(context, context.Request.Query["return"], "", "").ConfigureAwait(false);

    private async Task SignInAsync(HttpContext context)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted).ConfigureAwait(false);
        var (user, target) = (form["user"].ToString(), form["return"].ToString());
        if (!RequestOrigin.IsConfidential(context.Request) && !Coordinator.Options.AllowPlainHttp)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await WriteSignInAsync(context, target, user, "Signing in needs HTTPS: over plain HTTP, others could read the password.").ConfigureAwait(false);
            return;
        }

        var device = DescribeBrowser(context.Request.Headers[HeaderNames.UserAgent].ToString());
        var from = context.Connection.RemoteIpAddress ?? System.Net.IPAddress.None;
        switch (await Coordinator.SignInAsync(user, form["password"].ToString(), SessionKind.Browser, device, from, context.RequestAborted).ConfigureAwait(false))
        {
            case SignInResult.SignedIn signedIn:
                Cookie.Write(context, signedIn.Token, Coordinator.Options.BrowserSessionLifetime);
                SeeOther(context, RequestOrigin.IsLocalPath(target) ? target : "/");
                break;
            case SignInResult.TooManyAttempts tooMany:
                context.Response.StatusCode = StatusCodes.Status429TooManyRequests;
                await WriteSignInAsync(context, target, user, $"Too many sign-ins have failed. Wait {Math.Ceiling(tooMany.RetryAfter.TotalSeconds)} seconds.").ConfigureAwait(false);
                break;
            case SignInResult.Unavailable:
                context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
                await WriteSignInAsync(context, target, user, "Who knows the users cannot be asked now. Try again later.").ConfigureAwait(false);
                break;
            default:
                context.Response.StatusCode = StatusCodes.Status401Unauthorized;
                await WriteSignInAsync(context, target, user, "The user or the password is wrong.").ConfigureAwait(false);
                break;
        }
    }

    private async Task SignOutAsync(HttpContext context, SessionRecord user)
    {
        await Coordinator.SignOutAsync(user, context.RequestAborted).ConfigureAwait(false);
        Cookie.Delete(context);
        SeeOther(context, "/sign-in");
    }

    /// <summary>
    /// Tells a site who its visitor is: the browser carries a ticket there. It goes to the address at which the site is registered, whatever the request says, and only by a
    /// navigation that the visitor sees.
    /// </summary>
    private async Task AuthorizeAsync(HttpContext context, SessionRecord user)
    {
        var query = context.Request.Query;
        var (host, target, nonce) = (query["site"].ToString(), query["return"].ToString(), query["nonce"].ToString());
        var suffix = $".{Coordinator.Options.Zone}";
        var site = host.EndsWith(suffix, StringComparison.OrdinalIgnoreCase) && SiteName.TryParse(host[..^suffix.Length], out var name)
            ? await Coordinator.FindSiteAsync(name, context.RequestAborted).ConfigureAwait(false)
            : null;
        if (context.Request.Headers["Sec-Fetch-Dest"] is [var destination] && destination != "document")
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
        }
        else if (site?.Lease is null || nonce.Length is 0 or > NonceLengthMax || !RequestOrigin.IsLocalPath(target))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            await WriteAsync(context, user, "Away", Html.Of($"""<section class="card"><p>Nobody serves <strong>{host}</strong> now. Try again later.</p></section>""")).ConfigureAwait(false);
        }
        else if (!SignInProof.IsRight(query["proof"].ToString(), site.Lease.TokenHash, Coordinator.HostOf(site.Name), nonce))
        {
            // Another machine had the name until a moment ago, and the browser still goes there.
            context.Response.StatusCode = StatusCodes.Status409Conflict;
            await WriteAsync(context, user, "Moved", Html.Of($"""<section class="card"><p><strong>{host}</strong> has just moved to another machine. Try again in a minute.</p></section>""")).ConfigureAwait(false);
        }
        else if (Coordinator.IssueTicket(user, site.Name, site.Lease, nonce) is not { } ticket)
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await WriteAsync(context, user, "Too many groups", Html.Of($"""
                <section class="card"><p>You are in too many groups ({user.Groups.Count}) for a site to be told of them all. Ask who runs the coordinator to have it take fewer from the directory, and sign in again then.</p></section>
                """)).ConfigureAwait(false);
        }
        else
        {
            SeeOther(context, $"{UrlOf(site)}/.youserv/enter?ticket={ticket}&return={Uri.EscapeDataString(target)}");
        }
    }

    private Task WriteSignInAsync(HttpContext context, string? target, string user, string problem)
    {
        var notice = problem.Length == 0 ? Html.Empty : Html.Of($"""<p class="problem" role="alert">{problem}</p>""");
        return WriteAsync(context, null, "Sign in", Html.Of($"""
            <section class="card narrow">
              <h2>Sign in</h2>
              {notice}
              <form method="post" action="/sign-in" class="stacked">
                <input type="hidden" name="return" value="{target}">
                <label>User <input name="user" value="{user}" autocomplete="username" autocapitalize="none" spellcheck="false" required autofocus></label>
                <label>Password <input name="password" type="password" autocomplete="current-password" required></label>
                <button class="primary">Sign in</button>
              </form>
            </section>
            """));
    }

    /// <summary>Says which browser it is in words that people know their machines by; it proves nothing.</summary>
    private static string DescribeBrowser(string userAgent)
    {
        string Named(params ReadOnlySpan<string> marks)
        {
            for (var i = 0; i < marks.Length; i += 2)
            {
                if (userAgent.Contains(marks[i], StringComparison.Ordinal))
                {
                    return marks[i + 1];
                }
            }

            return "";
        }

        var browser = Named("Edg/", "Edge", "OPR/", "Opera", "Firefox/", "Firefox", "Chrome/", "Chrome", "Safari/", "Safari");
        var system = Named("iPhone", "iPhone", "iPad", "iPad", "Android", "Android", "Windows", "Windows", "Mac OS", "macOS", "Linux", "Linux");
        return (browser, system) switch
        {
            ("", "") => "",
            (_, "") => browser,
            ("", _) => system,
            _ => $"{browser} on {system}",
        };
    }
}
