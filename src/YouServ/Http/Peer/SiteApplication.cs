using Microsoft.AspNetCore.Http;
using P2P.YouServ.Hosting;
using P2P.YouServ.Http.Files;
using P2P.YouServ.Protocol;

namespace P2P.YouServ.Http;

/// <summary>Answers all requests to a peer: finds out who asks, decides whether they may, and serves the site's folder, its pages and what plug-ins add.</summary>
internal sealed class SiteApplication(PeerSite site, SiteFiles files, OwnPaths own, ServedSite served, IReadOnlyList<IYouServPlugin> plugins, PeerMetrics metrics, TimeProvider clock)
{
    private static readonly Visitor Nobody = Visitor.Anonymous;

    public Task InvokeAsync(HttpContext context)
    {
        if (site.Identity is not { } identity)
        {
            return ErrorPages.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "This peer serves no site yet: its user has to sign in.");
        }

        // Under a foreign name the site would share an origin, and cookies, with whoever has that name.
        if (!string.Equals(context.Request.Host.Host, identity.Host, StringComparison.OrdinalIgnoreCase))
        {
            return ErrorPages.WriteAsync(context, StatusCodes.Status421MisdirectedRequest, $"This peer serves {identity.Host}, and not the site of that name.");
        }

        var path = context.Request.Path.Value ?? "/";
        var visitor = VisitorOf(context);
        return path.StartsWith(OwnPaths.Prefix, StringComparison.OrdinalIgnoreCase) ? own.InvokeAsync(context, identity, visitor, path[OwnPaths.Prefix.Length..], this)
            : plugins.Count > 0 ? ServeWithPluginsAsync(context, identity, visitor, path)
            : ServeAsync(context, identity, visitor, path);
    }

    /// <summary>Serves a path of the folder to a visitor, who may be one that a link has led here.</summary>
    public async Task ServeAsync(HttpContext context, PeerIdentity identity, Visitor visitor, string text)
    {
        if (!SitePath.TryParse(text, out var path))
        {
            await ErrorPages.WriteAsync(context, StatusCodes.Status404NotFound, "There is nothing here.").ConfigureAwait(false);
            return;
        }

        var decision = site.Access.Decide(visitor, path);
        if (decision != AccessDecision.Granted && !(site.Access.LeadsToGranted(visitor, path) && site.Folder.Find(path).Kind == EntryKind.Folder))
        {
            await RefuseAsync(context, identity, decision).ConfigureAwait(false);
            return;
        }

        await files.ServeAsync(context, path, visitor).ConfigureAwait(false);
        if (!context.Response.HasStarted && context.Response.StatusCode is (StatusCodes.Status404NotFound or StatusCodes.Status403Forbidden or StatusCodes.Status405MethodNotAllowed))
        {
            await ErrorPages.WriteAsync(context, context.Response.StatusCode, "There is nothing here.").ConfigureAwait(false);
        }
        else if (!visitor.IsOwner && context.Response.StatusCode is (StatusCodes.Status200OK or StatusCodes.Status206PartialContent))
        {
            site.Readings.Note(ReaderOf(visitor), path);
        }
    }

    private async Task ServeWithPluginsAsync(HttpContext context, PeerIdentity identity, Visitor visitor, string path)
    {
        foreach (var plugin in plugins)
        {
            if (IsBelow(path, plugin.PathPrefix) && await plugin.TryHandleAsync(context, served, visitor).ConfigureAwait(false))
            {
                return;
            }
        }

        await ServeAsync(context, identity, visitor, path).ConfigureAwait(false);
    }

    private Visitor VisitorOf(HttpContext context) =>
        context.Request.Headers.Cookie.Count > 0 && !(site.AloneUntil < clock.GetUtcNow()) && site.Visits.Find(OwnPaths.VisitCookie.Read(context.Request), clock.GetUtcNow()) is { } visit
            ? site.IsOwner(visit.User) ? visit.Visitor with { IsOwner = true } : visit.Visitor
            : Nobody;

    /// <summary>Sends who may get in after signing in to the coordinator, and tells others that they may not.</summary>
    private Task RefuseAsync(HttpContext context, PeerIdentity identity, AccessDecision decision)
    {
        metrics.Refuse(decision);
        var request = context.Request;
        if (decision == AccessDecision.SignInFirst && HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.Ordinal))
        {
            OwnPaths.SendToSignIn(context, identity, $"{request.Path}{request.QueryString}");
            return Task.CompletedTask;
        }

        return decision == AccessDecision.SignInFirst
            ? ErrorPages.WriteAsync(context, StatusCodes.Status401Unauthorized, "This is open to those who have signed in, or to nobody but its owner.")
            : ErrorPages.WriteAsync(context, StatusCodes.Status403Forbidden, "This is not open to you. Ask the owner of the site.");
    }

    private static string ReaderOf(Visitor visitor) => visitor switch
    {
        { User: { } user } => user.Value,
        { Link: { } link } => $"link {link.Id}",
        _ => "",
    };

    private static bool IsBelow(string path, string prefix) =>
        path.StartsWith(prefix, StringComparison.Ordinal) && (path.Length == prefix.Length || prefix is [.., '/'] || path[prefix.Length] == '/');
}
