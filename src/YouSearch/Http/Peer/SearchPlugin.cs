using Microsoft.AspNetCore.Http;
using P2P.YouSearch.Hosting;
using P2P.YouServ.Http;
using P2P.YouServ;

namespace P2P.YouSearch.Http;

/// <summary>Answers below <c>/.search/</c> of the sites that a peer serves: the page for people, and what other peers ask.</summary>
internal sealed class SearchPlugin : IYouServPlugin, IDisposable
{
    private const string PagePath = SiteClient.Prefix + "/";

    private readonly YouSearchService _service;
    private readonly RequestLimits _limits = new(addressPerSecond: 200, userPerSecond: 50);

    /// <summary>A search of a visitor may make this machine ask thousands of others.</summary>
    private readonly RequestLimits _searches = new(addressPerSecond: 2, userPerSecond: 2);
    private readonly AnswerApi _answers;

    public SearchPlugin(YouSearchService service) => (_service, _answers) = (service, new AnswerApi(_limits));

    public string PathPrefix => SiteClient.Prefix;

    public bool AnswersAtCopies => true;

    public PageEntry? Entry => new("Search everyone’s sites", PagePath, "q");

    public async ValueTask<bool> TryHandleAsync(HttpContext context, ServedSite site, Visitor visitor)
    {
        var path = context.Request.Path.Value![SiteClient.Prefix.Length..];
        if (_service.Started is not { } search)
        {
            context.Response.Headers.RetryAfter = "1";
            await SearchResponses.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "The search of this peer has not started yet.").ConfigureAwait(false);
            return true;
        }

        if (!search.AnswersOthers && !visitor.IsOwner)
        {
            await SearchResponses.RefuseAsync(context, StatusCodes.Status403Forbidden, "Only its owner searches this site.").ConfigureAwait(false);
            return true;
        }

        await ((context.Request.Method, path) switch
        {
            ("GET", "") => RedirectAsync(context),
            ("GET" or "HEAD", "/") => PageAsync(context, site, visitor),
            ("POST", "/results") => ResultsAsync(context, search, site, visitor),
            ("GET" or "HEAD", _) when path.StartsWith("/assets/", StringComparison.Ordinal) => PageAssets.ServeAsync(context, path["/assets/".Length..]),
            ("POST", "/v1/answer") when search.AnswersOthers => _answers.AnswerAsync(context, search, site),
            ("POST", "/v1/cached") when search.AnswersOthers => _answers.CachedAsync(context, search, site),
            (_, _) when path.StartsWith("/own/", StringComparison.Ordinal) => OwnerSearchApi.InvokeAsync(context, search, site, visitor, path["/own/".Length..]),
            _ => SearchResponses.RefuseAsync(context, StatusCodes.Status404NotFound, "There is nothing here."),
        }).ConfigureAwait(false);
        return true;
    }

    public void Dispose()
    {
        _limits.Dispose();
        _searches.Dispose();
    }

    private static Task RedirectAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status308PermanentRedirect;
        context.Response.Headers.Location = PagePath + context.Request.QueryString;
        return Task.CompletedTask;
    }

    private static Task PageAsync(HttpContext context, ServedSite site, Visitor visitor)
    {
        var isOwner = visitor.IsOwner && !site.IsCopy;
        return SearchPage.WriteAsync(context, new()
        {
            Name = site.Host,
            Path = PagePath,
            SharedAssets = "/.youserv/assets",
            Site = site.Name.Value,
            IsOwner = isOwner,
            Groups = isOwner ? visitor.Groups.Order(StringComparer.Ordinal) : [],
            Navigation = NavigationOf(context, site, visitor, isOwner),
            Note = isOwner ? Html.Empty : Html.Of($"""
                Here you find what {(visitor.User is null ? "everyone may read" : "you may read at this site, and what everyone may read at others")}. <a data-carries="q" href="{CoordinatorOf(site)}/search/?q={Uri.EscapeDataString(context.Request.Query["q"].ToString())}">Search as yourself</a> to find all that you may read.
                """),
        });
    }

    private static Html NavigationOf(HttpContext context, ServedSite site, Visitor visitor, bool isOwner)
    {
        var sites = Html.Of($"""<a href="{CoordinatorOf(site)}/">All sites</a>""");
        return isOwner ? Html.Of($"""<a href="/.youserv/">Your site</a> {sites}""")
            : visitor.User is { } user ? Html.Of($"""{sites} <span class="faint">{user.Value}</span>""")
            : Html.Of($"""{sites} <a data-carries="return" href="/.youserv/sign-in?return={Uri.EscapeDataString(PagePath + context.Request.QueryString)}">Sign in</a>""");
    }

    private static string? CoordinatorOf(ServedSite site) => site.Coordinator?.GetLeftPart(UriPartial.Authority);

    private async Task ResultsAsync(HttpContext context, YouSearchPeer search, ServedSite site, Visitor visitor)
    {
        if (!IYouServPlugin.IsFromOwnPage(context.Request))
        {
            await SearchResponses.RefuseAsync(context, StatusCodes.Status403Forbidden, "This was sent by another page than ours.").ConfigureAwait(false);
            return;
        }

        // One's own searches are one's own affair; those of others may make this machine ask thousands of sites.
        if (!visitor.IsOwner && !(visitor.User is { } user ? _searches.TryTake(user) : _searches.TryTake(context.Connection.RemoteIpAddress ?? System.Net.IPAddress.None)))
        {
            context.Response.Headers.RetryAfter = "1";
            await SearchResponses.RefuseAsync(context, StatusCodes.Status429TooManyRequests, "There were too many searches. Wait a moment.").ConfigureAwait(false);
            return;
        }

        if (!Uri.TryCreate($"{context.Request.Scheme}://{context.Request.Host}/", UriKind.Absolute, out var url))
        {
            await SearchResponses.RefuseAsync(context, StatusCodes.Status400BadRequest, "The request names no host.").ConfigureAwait(false);
            return;
        }

        if (await SearchResponses.ReadQueryAsync(context).ConfigureAwait(false) is not var (asked, query))
        {
            return;
        }

        var options = new SearchOptions { UsesCache = !asked.IsFresh };
        var stream = visitor.IsOwner && !site.IsCopy
            ? search.SearchAsync(query.Canonical, options, context.RequestAborted)
            : search.SearchForVisitorAsync(query, options, site, url, visitor, context.RequestAborted);
        await SearchResponses.StreamAsync(context, stream, namesSites: visitor.User is not null).ConfigureAwait(false);
    }
}
