using Microsoft.AspNetCore.Http;
using Microsoft.Net.Http.Headers;
using P2P.YouServ.Hosting;
using P2P.YouServ.Http.Files;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Http;

/// <summary>Answers below <c>/.youserv/</c>, where a site has what is not in its folder: the proof that it is reachable, signing in and out, share links, and the owner's page.</summary>
internal sealed class OwnPaths(PeerSite site, OwnPathParts? owner, IReadOnlyList<PageEntry> entries, TimeProvider clock)
{
    public const string Prefix = "/.youserv/";
    public const string AssetsPath = "/.youserv/assets";

    public static readonly SecretCookie VisitCookie = new("youserv");

    private const string SharePath = "share/";

    private static readonly SecretCookie NonceCookie = new("youserv-nonce");
    private static readonly TimeSpan NonceLifetime = TimeSpan.FromMinutes(10);

    public Task InvokeAsync(HttpContext context, PeerIdentity identity, Visitor visitor, string path, SiteApplication application) => (context.Request.Method, path) switch
    {
        ("GET", "reach") => ReachAsync(context, identity),
        ("GET", "tunnel") when owner is not null => owner.Tunnels.InvokeAsync(context, identity),
        (_, _) when owner is not null && path.StartsWith(SyncPaths.Prefix, StringComparison.Ordinal) => owner.Sync.InvokeAsync(context, identity, path[SyncPaths.Prefix.Length..]),
        ("GET", "enter") => EnterAsync(context),
        ("POST", "sign-out") => SignOutAsync(context),
        ("GET", "sign-in") => SignInAsync(context, identity),
        ("GET" or "HEAD", _) when path.StartsWith("assets/", StringComparison.Ordinal) => PageAssets.ServeAsync(context, path["assets/".Length..]),
        (_, _) when path.StartsWith(SharePath, StringComparison.Ordinal) => ShareAsync(context, identity, path[SharePath.Length..], application),
        ("GET", "") => OwnerPageAsync(context, identity, visitor),
        (_, _) when owner is null && path.StartsWith(OwnerApi.Prefix, StringComparison.Ordinal) =>
            ErrorPages.WriteAsync(context, StatusCodes.Status409Conflict, "This is a copy of the site, at somebody else's machine. It cannot be changed here: start your own peer."),
        (_, _) when owner is not null && path.StartsWith(OwnerApi.Prefix, StringComparison.Ordinal) => owner.Api.InvokeAsync(context, identity, visitor, path[OwnerApi.Prefix.Length..]),
        _ => ErrorPages.WriteAsync(context, StatusCodes.Status404NotFound, "There is nothing here."),
    };

    /// <summary>Sends a browser to the coordinator, which sends it back with a ticket.</summary>
    public static void SendToSignIn(HttpContext context, PeerIdentity identity, string target)
    {
        var nonce = NonceCookie.Read(context.Request) is { Length: > 0 and <= 64 } kept ? kept : Token.Create();
        NonceCookie.Write(context, nonce, NonceLifetime);
        SeeOther(context, new Uri(
            identity.Coordinator, $"/authorize?site={identity.Host}&nonce={Uri.EscapeDataString(nonce)}&proof={SignInProof.Of(Token.Hash(identity.Token), identity.Host, nonce)}&return={Uri.EscapeDataString(target)}").AbsoluteUri);
    }

    private static Task ReachAsync(HttpContext context, PeerIdentity identity)
    {
        var challenge = context.Request.Query["challenge"].ToString();
        if (!ReachProof.IsChallenge(challenge))
        {
            return ErrorPages.WriteAsync(context, StatusCodes.Status400BadRequest, "This is no challenge.");
        }

        context.Response.ContentType = "text/plain";
        context.Response.Headers.CacheControl = "no-store";
        return context.Response.WriteAsync(ReachProof.Answer(Token.Hash(identity.Token), identity.Host, challenge), context.RequestAborted);
    }

    private static Task SignInAsync(HttpContext context, PeerIdentity identity)
    {
        var target = context.Request.Query["return"].ToString();
        SendToSignIn(context, identity, RequestOrigin.IsLocalPath(target) ? target : "/");
        return Task.CompletedTask;
    }

    /// <summary>A ticket counts in the browser that asked for it only: else a visitor could be made somebody else without noticing.</summary>
    private async Task EnterAsync(HttpContext context)
    {
        var query = context.Request.Query;
        var (now, target) = (clock.GetUtcNow(), query["return"].ToString());
        var ticket = site.ReadTicket(query["ticket"].ToString(), now);
        if (ticket is null || NonceCookie.Read(context.Request) is not { } nonce || Token.Hash(nonce) != ticket.Nonce || site.Visits.IsRevoked(ticket.SessionId))
        {
            await ErrorPages.WriteAsync(context, StatusCodes.Status403Forbidden, "This sign-in has taken too long, or was begun in another browser. Go back to the site, and try again.").ConfigureAwait(false);
        }
        else if (await site.Visits.BeginAsync(ticket, now).ConfigureAwait(false) is { } secret)
        {
            NonceCookie.Delete(context);
            VisitCookie.Write(context, secret, DateTimeOffset.FromUnixTimeSeconds(ticket.SessionExpires) - now);
            SeeOther(context, RequestOrigin.IsLocalPath(target) ? target : "/");
        }
        else
        {
            await ErrorPages.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "Too many visitors are signed in at this site.").ConfigureAwait(false);
        }
    }

    private async Task SignOutAsync(HttpContext context)
    {
        if (!RequestOrigin.IsOwn(context.Request))
        {
            await ErrorPages.WriteAsync(context, StatusCodes.Status403Forbidden, "This was sent by another page than ours.").ConfigureAwait(false);
            return;
        }

        if (site.Visits.Find(VisitCookie.Read(context.Request), clock.GetUtcNow()) is { } visit)
        {
            await site.Visits.EndAsync(visit).ConfigureAwait(false);
        }

        VisitCookie.Delete(context);
        SeeOther(context, "/");
    }

    /// <summary>What a link opens lies below the link's own path, so that relative links in it work and no cookie is needed.</summary>
    private Task ShareAsync(HttpContext context, PeerIdentity identity, string rest, SiteApplication application)
    {
        var slash = rest.IndexOf('/', StringComparison.Ordinal);
        var secret = slash < 0 ? rest : rest[..slash];
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
        if (site.Links.Find(secret, clock.GetUtcNow()) is not { } link)
        {
            return ErrorPages.WriteAsync(context, StatusCodes.Status404NotFound, "This link has ended, or was revoked.");
        }

        var isFolder = site.Folder.Find(link.Path).Kind == EntryKind.Folder;
        if (slash < 0)
        {
            SeeOther(context, $"{Prefix}{SharePath}{secret}/{(isFolder ? "" : Uri.EscapeDataString(link.Path.Name))}");
            return Task.CompletedTask;
        }

        var inner = rest[(slash + 1)..];
        return isFolder ? application.ServeAsync(context, identity, Visitor.Anonymous with { Link = link }, link.Path.IsRoot ? $"/{inner}" : $"{link.Path}/{inner}")
            : inner == link.Path.Name ? application.ServeAsync(context, identity, Visitor.Anonymous with { Link = link }, link.Path.ToString())
            : ErrorPages.WriteAsync(context, StatusCodes.Status404NotFound, "There is nothing here.");
    }

    private async Task OwnerPageAsync(HttpContext context, PeerIdentity identity, Visitor visitor)
    {
        if (visitor.User is null)
        {
            SendToSignIn(context, identity, Prefix);
            return;
        }

        if (!visitor.IsOwner)
        {
            await ErrorPages.WriteAsync(context, StatusCodes.Status403Forbidden, $"This page is for the owner of {identity.Host}.").ConfigureAwait(false);
            return;
        }

        if (owner is null)
        {
            await ErrorPages.WriteAsync(context, StatusCodes.Status409Conflict, "Your peer is away, and a copy of your site stands in. Start your own peer to change the site.").ConfigureAwait(false);
            return;
        }

        PageHeaders.Set(context.Response);
        context.Response.ContentType = "text/html; charset=utf-8";
        await context.Response.WriteAsync(OwnerPage.Of(identity, entries), context.RequestAborted).ConfigureAwait(false);
    }

    private static void SeeOther(HttpContext context, string target)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = target;
        context.Response.Headers[HeaderNames.CacheControl] = "no-store";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
    }
}

/// <summary>What the owner's own peer has below these paths, and a copy has not.</summary>
/// <param name="Api">Answers the owner's page.</param>
/// <param name="Tunnels">Takes tunnels.</param>
/// <param name="Sync">Lets replicas copy.</param>
internal sealed record OwnPathParts(OwnerApi Api, TunnelPaths Tunnels, SyncPaths Sync);
