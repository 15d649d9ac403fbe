using Microsoft.AspNetCore.Http;
using P2P.YouServ.Hosting;
using P2P.YouServ.Http.Files;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Http;

/// <summary>What the owner's page says to the peer, in JSON: rules, share links, and who has read what. Requests that change anything must come from a page of the site itself.</summary>
internal sealed class OwnerApi(PeerSite site, OwnerFiles files, ReplicationApi replication, Func<PeerStatus> status, ProxyDesk? carried, TimeProvider clock)
{
    public const string Prefix = "api/";

    private const string FilesPath = "files/";

    private const int ReadingsOnPage = 200;

    private static readonly TimeSpan LinkLifetimeMax = TimeSpan.FromDays(3660);

    public Task InvokeAsync(HttpContext context, PeerIdentity identity, Visitor visitor, string path)
    {
        if (!visitor.IsOwner)
        {
            return JsonBody.RefuseAsync(context, StatusCodes.Status403Forbidden, "refused", "This is for the site's owner. Sign in again.");
        }

        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method) && !RequestOrigin.IsOwn(context.Request))
        {
            return JsonBody.RefuseAsync(context, StatusCodes.Status403Forbidden, "refused", "This was sent by another page than ours.");
        }

        return (context.Request.Method, path) switch
        {
            ("GET", "site") => GetSiteAsync(context, identity),
            ("PUT", "rule") => SetRuleAsync(context),
            ("DELETE", "rule") => RemoveRuleAsync(context),
            ("POST", "links") => CreateLinkAsync(context),
            ("DELETE", "links") => RevokeLinkAsync(context),
            ("GET", "readings") => GetReadingsAsync(context),
            (_, _) when path.StartsWith(ReplicationApi.Prefix, StringComparison.Ordinal) => replication.InvokeAsync(context, path[ReplicationApi.Prefix.Length..]),
            (_, _) when path.StartsWith(FilesPath, StringComparison.Ordinal) => files.HandleAsync(context, path[(FilesPath.Length - 1)..]).AsTask(),
            _ => JsonBody.RefuseAsync(context, StatusCodes.Status404NotFound, "unknown", "There is nothing here."),
        };
    }

    private Task GetSiteAsync(HttpContext context, PeerIdentity identity)
    {
        var now = status();
        return JsonBody.WriteAsync(
            context,
            new SiteView
            {
                Host = identity.Host,
                Owner = identity.User,
                State = now.State.ToString(),
                Detail = now.Detail,
                ProxyHost = now.ProxyHost,
                SitesCarried = carried?.TunnelCount,
                ConnectionsCarried = carried?.LaneCount ?? 0,
                Rules = [.. site.Access.Rules.All.Select(RuleView.Of)],
                Links = [.. site.Links.All.Select(link => new LinkView { Id = link.Id, Path = link.Path.Value, ExpiresAt = link.ExpiresAt })],
            },
            WireJson.Default.SiteView);
    }

    private async Task SetRuleAsync(HttpContext context)
    {
        if (await JsonBody.ReadAsync(context, WireJson.Default.RuleView).ConfigureAwait(false) is not { } view)
        {
            return;
        }

        if (view.ToRule() is not { } rule)
        {
            await JsonBody.RefuseAsync(context, StatusCodes.Status400BadRequest, "invalid", "The rule names no path, or somebody who is no user.").ConfigureAwait(false);
            return;
        }

        await TryAsync(context, async () =>
        {
            await site.Access.SetAsync(rule).ConfigureAwait(false);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }).ConfigureAwait(false);
    }

    private async Task RemoveRuleAsync(HttpContext context)
    {
        if (SitePath.TryParse(context.Request.Query["path"].ToString(), out var path))
        {
            await site.Access.RemoveAsync(path).ConfigureAwait(false);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task CreateLinkAsync(HttpContext context)
    {
        if (await JsonBody.ReadAsync(context, WireJson.Default.LinkWish).ConfigureAwait(false) is not { } wish)
        {
            return;
        }

        var now = clock.GetUtcNow();
        if (!SitePath.TryParse(wish.Path, out var path) || wish.Seconds is <= 0 || wish.Seconds > LinkLifetimeMax.TotalSeconds)
        {
            await JsonBody.RefuseAsync(context, StatusCodes.Status400BadRequest, "invalid", "The link names no path, or no time within ten years.").ConfigureAwait(false);
            return;
        }

        await TryAsync(context, async () =>
        {
            var (link, secret) = await site.Links.CreateAsync(path, wish.Seconds is { } seconds ? now.AddSeconds(seconds) : null, now).ConfigureAwait(false);
            await JsonBody.WriteAsync(
                context,
                new LinkView { Id = link.Id, Path = link.Path.Value, ExpiresAt = link.ExpiresAt, Url = $"{context.Request.Scheme}://{context.Request.Host.Value}{OwnPaths.Prefix}share/{secret}" },
                WireJson.Default.LinkView,
                StatusCodes.Status201Created).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private async Task RevokeLinkAsync(HttpContext context)
    {
        await site.Links.RevokeAsync(context.Request.Query["id"].ToString()).ConfigureAwait(false);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task GetReadingsAsync(HttpContext context)
    {
        var before = long.TryParse(context.Request.Query["before"].ToString(), out var id) ? id : long.MaxValue;
        var readings = await site.Readings.ReadAsync(before, ReadingsOnPage).ConfigureAwait(false);
        await JsonBody.WriteAsync(
            context,
            [.. readings.Select(reading => new ReadingView { Id = reading.Id, At = reading.At, Reader = reading.Reader, Path = reading.Path, Times = reading.Times })],
            WireJson.Default.ReadingViewArray).ConfigureAwait(false);
    }

    private static async Task TryAsync(HttpContext context, Func<Task> act)
    {
        try
        {
            await act().ConfigureAwait(false);
        }
        catch (YouServException failure)
        {
            await JsonBody.RefuseAsync(context, StatusCodes.Status409Conflict, "refused", failure.Message).ConfigureAwait(false);
        }
    }
}
