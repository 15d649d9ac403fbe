using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using P2P.YouSearch.Hosting;
using P2P.YouSearch.Protocol;
using P2P.YouServ.Http;
using P2P.YouServ;

namespace P2P.YouSearch.Http;

/// <summary>Lets people search from the coordinator's pages, as themselves: they have signed in there, whether or not their own machine runs.</summary>
internal sealed class CoordinatorSearch(
    Func<YouServCoordinator> coordinator, Func<Registrar> registrar, RequestLimits limits, RegistrarOptions options, SearchMetrics metrics, TimeProvider clock, ILogger logger) : IDisposable
{
    private const string PagePath = "/search/";

    private const int SearchesOfUserMax = 4;

    /// <summary>How many searches run here at once, for all users: what they find is in memory meanwhile.</summary>
    private readonly ConcurrencyLimiter _searches = new(new() { PermitLimit = 64, QueueLimit = 64 });
    private readonly PartitionedRateLimiter<UserId> _searchesOfUser = PartitionedRateLimiter.Create<UserId, UserId>(
        user => RateLimitPartition.GetConcurrencyLimiter(user, _ => new() { PermitLimit = SearchesOfUserMax, QueueLimit = 0 }));

    private readonly Lock _gate = new();
    private SiteClient? _client;

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapGet(PagePath, (RequestDelegate)PageAsync);
        routes.MapPost(PagePath + "results", (RequestDelegate)ResultsAsync);
        routes.MapGet(PagePath + "assets/{name}", (RequestDelegate)(context => PageAssets.ServeAsync(context, context.Request.RouteValues["name"] as string ?? "")));
    }

    public void Dispose()
    {
        _client?.Dispose();
        _searches.Dispose();
        _searchesOfUser.Dispose();
    }

    private async Task PageAsync(HttpContext context)
    {
        if (await coordinator().FindBrowserSessionAsync(context.Request, context.RequestAborted).ConfigureAwait(false) is not { } session)
        {
            context.Response.StatusCode = StatusCodes.Status303SeeOther;
            context.Response.Headers.Location = $"/sign-in?return={Uri.EscapeDataString($"{context.Request.Path}{context.Request.QueryString}")}";
            context.Response.Headers.CacheControl = "no-store";
            return;
        }

        await SearchPage.WriteAsync(context, new()
        {
            Name = coordinator().Zone,
            Path = PagePath,
            SharedAssets = "/assets",
            Groups = session.Groups.Order(StringComparer.Ordinal),
            Navigation = Html.Of($"""<a href="/">Sites</a> <a href="/sessions">{session.DisplayName}</a>"""),
        }).ConfigureAwait(false);
    }

    private async Task ResultsAsync(HttpContext context)
    {
        if (!coordinator().IsFromOwnPage(context.Request))
        {
            await SearchResponses.RefuseAsync(context, StatusCodes.Status403Forbidden, "This was sent by another page than ours.").ConfigureAwait(false);
            return;
        }

        if (await coordinator().FindBrowserSessionAsync(context.Request, context.RequestAborted).ConfigureAwait(false) is not { } session)
        {
            await SearchResponses.RefuseAsync(context, StatusCodes.Status401Unauthorized, "Your sign-in has ended. Load the page again.").ConfigureAwait(false);
            return;
        }

        if (!limits.TryTake(session.User))
        {
            await SearchResponses.RefuseAsync(context, StatusCodes.Status429TooManyRequests, "You search too often. Wait a moment.").ConfigureAwait(false);
            return;
        }

        if (await SearchResponses.ReadQueryAsync(context).ConfigureAwait(false) is not var (asked, query))
        {
            return;
        }

        if (query.Group is { } group && !session.Groups.Contains(group))
        {
            await SearchResponses.RefuseAsync(context, StatusCodes.Status403Forbidden, $"You are not in the group {group}: only its members search in it.").ConfigureAwait(false);
            return;
        }

        using var own = _searchesOfUser.AttemptAcquire(session.User);
        using var permit = own.IsAcquired ? await _searches.AcquireAsync(1, context.RequestAborted).ConfigureAwait(false) : own;
        if (!permit.IsAcquired)
        {
            await SearchResponses.RefuseAsync(context, StatusCodes.Status429TooManyRequests, "Too many searches run at once. Wait a moment.").ConfigureAwait(false);
            return;
        }

        var prover = await coordinator().GetProverAsync(session, context.RequestAborted).ConfigureAwait(false);
        var self = new SearchSelf { Prover = prover, Verify = (proof, audience, message, ageMax) => coordinator().ReadProof(proof, message.Span, audience, ageMax) };
        var searcher = new Searcher(
            new AskedRegistrar(registrar(), self.Visitor, prover.Site), Client(), new FanOutLimits(options.SitesTogether, options.SiteDeadline, options.SearchDeadline), cache: null, options.CachedLifetime, metrics, clock, logger);
        await using (searcher.ConfigureAwait(false))
        {
            await SearchResponses.StreamAsync(context, searcher.SearchAsync(query, new() { UsesCache = !asked.IsFresh }, self, local: null, context.RequestAborted), namesSites: true).ConfigureAwait(false);
        }
    }

    private SiteClient Client()
    {
        lock (_gate)
        {
            return _client ??= new SiteClient(coordinator().CreateSiteHandler());
        }
    }
}
