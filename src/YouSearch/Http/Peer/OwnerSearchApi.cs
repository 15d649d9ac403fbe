using Microsoft.AspNetCore.Http;
using P2P.YouSearch.Wire;
using P2P.YouServ;

namespace P2P.YouSearch.Http;

/// <summary>Answers the owner's page: what is recommended, saved, and summarized.</summary>
internal static class OwnerSearchApi
{
    public static async Task InvokeAsync(HttpContext context, YouSearchPeer search, ServedSite site, Visitor visitor, string path)
    {
        if (!visitor.IsOwner || site.IsCopy)
        {
            await SearchResponses.RefuseAsync(context, StatusCodes.Status403Forbidden, "This is for the owner of the site.").ConfigureAwait(false);
            return;
        }

        if (context.Request.Method == HttpMethods.Get && path == "state")
        {
            await WriteStateAsync(context, search, visitor).ConfigureAwait(false);
            return;
        }

        if (context.Request.Method != HttpMethods.Post || !IYouServPlugin.IsFromOwnPage(context.Request))
        {
            await SearchResponses.RefuseAsync(context, StatusCodes.Status403Forbidden, "This was sent by another page than ours.").ConfigureAwait(false);
            return;
        }

        if (await SearchResponses.ReadBodyAsync(context).ConfigureAwait(false) is not { } body
            || await SearchResponses.ReadAsync(context, body, SearchJson.Default.OwnerWish).ConfigureAwait(false) is not { } wish)
        {
            return;
        }

        try
        {
            if (!await TryDoAsync(search, path, wish, context.RequestAborted).ConfigureAwait(false))
            {
                await SearchResponses.RefuseAsync(context, StatusCodes.Status400BadRequest, "Something is missing, or names nothing.").ConfigureAwait(false);
                return;
            }
        }
        catch (YouSearchException failure)
        {
            await SearchResponses.RefuseAsync(context, StatusCodes.Status409Conflict, failure.Message).ConfigureAwait(false);
            return;
        }

        await WriteStateAsync(context, search, visitor).ConfigureAwait(false);
    }

    /// <returns>Whether the wish says all that it takes.</returns>
    private static async ValueTask<bool> TryDoAsync(YouSearchPeer search, string act, OwnerWish wish, CancellationToken cancellationToken)
    {
        var hasPath = SitePath.TryParse(wish.Path, out var path);
        switch (act)
        {
            case "recommend" when wish is { Query: { } query, Group: { } group } && SiteName.TryParse(wish.Site, out var site) && hasPath:
                await search.RecommendAsync(query, group, site, path, cancellationToken).ConfigureAwait(false);
                return true;
            case "unrecommend" when wish is { Query: { } query, Group: { } group } && SiteName.TryParse(wish.Site, out var site) && hasPath:
                await search.UnrecommendAsync(new() { Query = query, Group = group, Site = site, Path = path }, cancellationToken).ConfigureAwait(false);
                return true;
            case "save" when wish.Query is { } query:
                await search.SaveAsync(query, wish.IncludesPrivate, cancellationToken).ConfigureAwait(false);
                return true;
            case "refresh" when hasPath:
                await search.RefreshAsync(path, cancellationToken).ConfigureAwait(false);
                return true;
            case "forget" when hasPath:
                await search.ForgetAsync(path, cancellationToken).ConfigureAwait(false);
                return true;
            case "summarize" when hasPath:
                await search.SetSummarizedAsync(path, wish.IsSummarized, cancellationToken).ConfigureAwait(false);
                return true;
            default:
                return false;
        }
    }

    private static Task WriteStateAsync(HttpContext context, YouSearchPeer search, Visitor visitor) => SearchResponses.WriteAsync(
        context,
        new OwnerState
        {
            Recommendations = [.. search.Recommendations.Select(note => new NotedRecommendation { Query = note.Query, Group = note.Group, Site = note.Site.Value, Path = note.Path.Value })],
            Saved = [.. search.Saved.Select(note => new NotedSearch { Query = note.Query, Page = note.Page.Value, IncludesPrivate = note.IncludesPrivate, SavedAt = note.SavedAt })],
            Summarized = [.. search.Summarized.Select(path => path.Value)],
            Groups = [.. visitor.Groups.Order(StringComparer.Ordinal)],
        },
        SearchJson.Default.OwnerState);
}
