using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using P2P.YouSearch.Protocol;
using P2P.YouSearch.Wire;
using P2P.YouServ;

namespace P2P.YouSearch.Http;

/// <summary>Answers other peers: what the site has for a query, under the rules for whoever asks, and what this peer has gathered for others of the same rights.</summary>
internal sealed class AnswerApi(RequestLimits limits)
{
    public async Task AnswerAsync(HttpContext context, YouSearchPeer search, ServedSite site)
    {
        if (await AuthenticateAsync(context, search, site).ConfigureAwait(false) is not var (body, visitor)
            || await SearchResponses.ReadAsync(context, body, SearchJson.Default.SearchRequest).ConfigureAwait(false) is not { } request)
        {
            return;
        }

        if (!SearchQuery.TryParse(request.Query, out var query, out var problem))
        {
            await SearchResponses.RefuseAsync(context, StatusCodes.Status400BadRequest, problem).ConfigureAwait(false);
            return;
        }

        var searchable = search.Find(site.Host);
        var reply = searchable is { Generation: > 0 } ? await searchable.AnswerAsync(query, request, visitor, context.RequestAborted).ConfigureAwait(false) : null;
        search.Metrics.Answered(reply is not null);
        if (reply is null)
        {
            context.Response.Headers.RetryAfter = "1";
            await SearchResponses.RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "This site is not ready to answer, or answers too many others. Try again in a moment.").ConfigureAwait(false);
            return;
        }

        // On what it depends is told to nobody for whom it is not signed.
        var isSigned = request is { IsToBeSigned: true, Paths: null } && visitor.User is { } user && user != site.Owner && !site.IsCopy;
        reply = reply with { IsPersonal = isSigned && searchable!.IsPersonal, IsForMembers = isSigned && !searchable!.IsPersonal && searchable.IsForMembers(query) };
        var bytes = JsonSerializer.SerializeToUtf8Bytes(reply, SearchJson.Default.SearchReply);
        if (isSigned)
        {
            await SignAsync(context, search, SiteClient.AudienceOf(QueryKey.Of(query, request.Count), AnswerCache.RightsFor(reply, visitor)), bytes).ConfigureAwait(false);
        }

        await WriteAsync(context, bytes).ConfigureAwait(false);
    }

    /// <summary>
    /// Lets others of the same rights believe the answer. What the owner finds is for nobody else; a copy's machine cannot sign for its owner; and what describes documents is no answer
    /// to the query.
    /// </summary>
    private static async Task SignAsync(HttpContext context, YouSearchPeer search, string audience, byte[] answer)
    {
        try
        {
            var prover = await search.GetProverAsync(context.RequestAborted).ConfigureAwait(false);
            context.Response.Headers[SiteClient.ProofHeader] = prover.Prove(audience, answer);
        }
        catch (YouServException)
        {
            // The coordinator is away: the answer is good for whoever asks, and for nobody else.
        }
    }

    public async Task CachedAsync(HttpContext context, YouSearchPeer search, ServedSite site)
    {
        if (await AuthenticateAsync(context, search, site).ConfigureAwait(false) is not var (body, visitor)
            || await SearchResponses.ReadAsync(context, body, SearchJson.Default.CachedRequest).ConfigureAwait(false) is not { } request)
        {
            return;
        }

        if (visitor.User is null || search.Answers.Find(request.Key, AnswerCache.RightsOf(visitor.Groups)) is not { Count: > 0 } replies)
        {
            await SearchResponses.RefuseAsync(context, StatusCodes.Status404NotFound, "Nothing is kept here for that query and these rights.").ConfigureAwait(false);
            return;
        }

        await WriteAsync(context, JsonSerializer.SerializeToUtf8Bytes(new CachedReply { Replies = replies }, SearchJson.Default.CachedReply)).ConfigureAwait(false);
    }

    /// <summary>Finds out who asks; cookies count nothing here.</summary>
    /// <returns>What was sent, and by whom; null after the request was refused.</returns>
    private async Task<(byte[] Body, Visitor Visitor)?> AuthenticateAsync(HttpContext context, YouSearchPeer search, ServedSite site)
    {
        if (!limits.TryTake(context.Connection.RemoteIpAddress ?? IPAddress.None))
        {
            await SearchResponses.RefuseAsync(context, StatusCodes.Status429TooManyRequests, "Too many requests come from this address.").ConfigureAwait(false);
            return null;
        }

        if (await SearchResponses.ReadBodyAsync(context).ConfigureAwait(false) is not { } body)
        {
            return null;
        }

        if (context.Request.Headers[SiteClient.ProofHeader] is not [{ } proof])
        {
            return (body, Visitor.Anonymous);
        }

        if (search.Verify(proof, site.Host, body, UserProof.AgeMax) is not { Visitor: { User: { } user } visitor })
        {
            await SearchResponses.RefuseAsync(context, StatusCodes.Status401Unauthorized, "The request does not prove on whose behalf it is made.").ConfigureAwait(false);
            return null;
        }

        if (!limits.TryTake(user))
        {
            await SearchResponses.RefuseAsync(context, StatusCodes.Status429TooManyRequests, "Too many requests come on behalf of this user.").ConfigureAwait(false);
            return null;
        }

        return (body, visitor);
    }

    private static async Task WriteAsync(HttpContext context, byte[] json)
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = json.Length;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        await context.Response.Body.WriteAsync(json, context.RequestAborted).ConfigureAwait(false);
    }
}
