using System.Data.Common;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace P2P.YouServ.Http;

/// <summary>What people see of a coordinator: signing in, who has a site and whether it is up, and where they are signed in.</summary>
internal sealed partial class CoordinatorPages(Func<YouServCoordinator> find)
{
    public static readonly SecretCookie Cookie = new("youserv");

    private const int SitesOnPage = 200;
    private const int FormBytesMax = 64 * 1024;

    private YouServCoordinator Coordinator => find();

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet("/", Guarded(WithUser(SitesAsync)));
        routes.MapGet("/sign-in", ShowSignInAsync);
        routes.MapPost("/sign-in", Guarded(FromOwnPage(SignInAsync)));
        routes.MapPost("/sign-out", Guarded(FromOwnPage(WithUser(SignOutAsync))));
        routes.MapGet("/sessions", Guarded(WithUser(SessionsAsync)));
        routes.MapPost("/sessions/end", Guarded(FromOwnPage(WithUser(EndSessionAsync))));
        routes.MapGet("/authorize", Guarded(WithUser(AuthorizeAsync)));
        routes.MapGet("/state", Guarded(WithUser(StateAsync)));
        routes.MapGet("/authority.crt", AuthorityAsync);
        routes.MapGet("/health", HealthAsync);
        routes.MapGet("/assets/{name}", (RequestDelegate)(context => PageAssets.ServeAsync(context, context.Request.RouteValues["name"] as string ?? "")));
    }

    private async Task SitesAsync(HttpContext context, SessionRecord user)
    {
        var after = SiteName.TryParse(context.Request.Query["after"], out var name) ? name : default;
        var sites = await Coordinator.ListSitesAsync(after, SitesOnPage, context.RequestAborted).ConfigureAwait(false);
        var own = await Coordinator.SiteOfAsync(user, context.RequestAborted).ConfigureAwait(false);
        var more = sites.Count == SitesOnPage ? Html.Of($"""<p><a class="button" href="/?after={sites[^1].Name.Value}">More sites</a></p>""") : Html.Empty;
        await WriteAsync(context, user, "Sites", Html.Of($"""
            <section class="card own">
              <h2>Your site</h2>
              {OwnSite(own)}
            </section>
            <section>
              <h2>Everyone’s sites</h2>
              <table class="list">
                <thead><tr><th scope="col">Site</th><th scope="col">Person</th><th scope="col">State</th></tr></thead>
                <tbody>{Html.Join(sites.Select(SiteRow))}</tbody>
              </table>
              {more}
            </section>
            """)).ConfigureAwait(false);
    }

    private Html OwnSite(SiteRecord own) => own.Lease is null
        ? Html.Of($"""<p><strong>{Coordinator.HostOf(own.Name)}</strong> is not being served. Start YouServ on your machine, and sign in there as {own.Owner.Value}.</p>""")
        : own.Lease.Holder is { } holder
        ? Html.Of($"""<p>Your machine is away, and {holder} serves a copy of <a href="{UrlOf(own)}/">{Coordinator.HostOf(own.Name)}</a>. Start YouServ on your machine to change it.</p>""")
        : Html.Of($"""<p><a class="button primary" href="{UrlOf(own)}/.youserv/">Publish files</a> <a class="button" href="{UrlOf(own)}/">Visit {Coordinator.HostOf(own.Name)}</a></p>""");

    private Html SiteRow(SiteRecord site) => site.Lease is null
        ? Html.Of($"""<tr><td>{Coordinator.HostOf(site.Name)}</td><td>{site.DisplayName}</td><td><span class="state down">away</span></td></tr>""")
        : Html.Of($"""<tr><td><a href="{UrlOf(site)}/">{Coordinator.HostOf(site.Name)}</a></td><td>{site.DisplayName}</td><td><span class="state up">{(site.Lease.Holder is { } holder ? $"up, a copy at {holder}" : "up")}</span></td></tr>""");

    private async Task SessionsAsync(HttpContext context, SessionRecord user)
    {
        var sessions = await Coordinator.Sessions.ListSessionsAsync(user.User, Coordinator.Clock.GetUtcNow(), context.RequestAborted).ConfigureAwait(false);
        await WriteAsync(context, user, "Where you are signed in", Html.Of($"""
            <section>
              <h2>Where you are signed in</h2>
              <p>Ending a session ends it at every site that was opened by it.</p>
              <table class="list">
                <thead><tr><th scope="col">Machine</th><th scope="col">Since</th><th scope="col"></th></tr></thead>
                <tbody>{Html.Join(sessions.Select(session => SessionRow(session, session.Id == user.Id)))}</tbody>
              </table>
            </section>
            """)).ConfigureAwait(false);
    }

    private static Html SessionRow(SessionRecord session, bool isThis)
    {
        var name = session.Kind == SessionKind.Peer ? $"Peer {session.Device}".TrimEnd() : session.Device.Length > 0 ? session.Device : "Browser";
        var mark = isThis ? Html.Of($""" <span class="state up">this browser</span>""") : Html.Empty;
        return Html.Of($"""
            <tr><td>{name}{mark}</td><td>{Moment(session.CreatedAt)}</td>
            <td><form method="post" action="/sessions/end"><input type="hidden" name="id" value="{session.Id}"><button>End</button></form></td></tr>
            """);
    }

    private async Task EndSessionAsync(HttpContext context, SessionRecord user)
    {
        var form = await context.Request.ReadFormAsync(context.RequestAborted).ConfigureAwait(false);
        await Coordinator.Sessions.RevokeSessionAsync(user.User, form["id"].ToString(), context.RequestAborted).ConfigureAwait(false);
        SeeOther(context, "/sessions");
    }

    /// <summary>Lets those in who have signed in, and lets others sign in first.</summary>
    private RequestDelegate WithUser(Func<HttpContext, SessionRecord, Task> handle) => async context =>
    {
        if (await Coordinator.FindSessionAsync(Cookie.Read(context.Request), SessionKind.Browser, context.RequestAborted).ConfigureAwait(false) is { } user)
        {
            await handle(context, user).ConfigureAwait(false);
        }
        else
        {
            SeeOther(context, $"/sign-in?return={Uri.EscapeDataString(context.Request.Method == HttpMethods.Get ? $"{context.Request.Path}{context.Request.QueryString}" : "/")}");
        }
    };

    private RequestDelegate FromOwnPage(RequestDelegate handle) => async context =>
    {
        if (!RequestOrigin.IsOwn(context.Request, Coordinator.Options.PublicUrl) || !IsForm(context.Request))
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            await WriteAsync(context, null, "Refused", Html.Of($"""<section class="card"><p>This form was sent by another page than ours. Go back, load the page again, and retry.</p></section>""")).ConfigureAwait(false);
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = FormBytesMax;
        }

        try
        {
            // Read here, where what is wrong with it can be told; whoever handles it gets the same.
            await context.Request.ReadFormAsync(context.RequestAborted).ConfigureAwait(false);
        }
        catch (InvalidDataException)
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        await handle(context).ConfigureAwait(false);
    };

    /// <summary>Our forms bring no files, which would be laid down on the disk before anybody has signed in.</summary>
    private static bool IsForm(HttpRequest request) => request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true;

    /// <summary>Where the store cannot be reached, people are told so.</summary>
    private RequestDelegate Guarded(RequestDelegate handle) => async context =>
    {
        try
        {
            await handle(context).ConfigureAwait(false);
        }
        catch (DbException) when (!context.Response.HasStarted)
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            context.Response.Headers.RetryAfter = "1";
            await WriteAsync(context, null, "Not now", Html.Of($"""<section class="card"><p>The coordinator cannot reach its store. Try again in a moment; sites are up meanwhile.</p></section>""")).ConfigureAwait(false);
        }
    };

    private string UrlOf(SiteRecord site) => SiteUrl.Of(Coordinator.HostOf(site.Name), site.Lease!);

    private Task WriteAsync(HttpContext context, SessionRecord? user, string title, Html content)
    {
        PageHeaders.Set(context.Response, $" http://*.{Coordinator.Options.Zone}:* https://*.{Coordinator.Options.Zone}:*");
        context.Response.ContentType = "text/html; charset=utf-8";
        var account = user is null
            ? Html.Empty
            : Html.Of($"""<nav>{PageLayout.Entries(Coordinator.Options.Entries)}<a href="/">Sites</a> <a href="/state">State</a> <a href="/sessions">{user.DisplayName}</a> <form method="post" action="/sign-out"><button class="quiet">Sign out</button></form></nav>""");
        return context.Response.WriteAsync(PageLayout.Of(title, Coordinator.Options.Zone, account, content), context.RequestAborted);
    }

    private static void SeeOther(HttpContext context, string target)
    {
        context.Response.StatusCode = StatusCodes.Status303SeeOther;
        context.Response.Headers.Location = target;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers["Referrer-Policy"] = "no-referrer";
    }

    private static string Moment(DateTimeOffset moment) => moment.ToString("yyyy-MM-dd HH:mm 'UTC'", CultureInfo.InvariantCulture);
}
