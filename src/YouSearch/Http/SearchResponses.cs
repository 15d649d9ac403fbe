using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using P2P.YouSearch.Wire;

namespace P2P.YouSearch.Http;

/// <summary>Reads what pages and peers send, and writes what they get.</summary>
internal static class SearchResponses
{
    private const int MessageLengthMax = 16 * 1024;

    /// <returns>The body; null after the request was refused because it is too long.</returns>
    public static async ValueTask<byte[]?> ReadBodyAsync(HttpContext context)
    {
        var body = await BoundedBody.ReadAsync(context, MessageLengthMax).ConfigureAwait(false);
        if (body is null)
        {
            await RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, $"The request's body is longer than {MessageLengthMax} bytes, or did not come in time.").ConfigureAwait(false);
        }

        return body;
    }

    /// <returns>What was sent; null after the request was refused because it is no JSON of that kind.</returns>
    public static async ValueTask<T?> ReadAsync<T>(HttpContext context, byte[] body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            if (JsonSerializer.Deserialize(body, type) is { } message)
            {
                return message;
            }
        }
        catch (JsonException)
        {
        }

        await RefuseAsync(context, StatusCodes.Status400BadRequest, "The request's body is not what it must be.").ConfigureAwait(false);
        return null;
    }

    /// <returns>What a page asks, and its query; null after the request was refused because it is none.</returns>
    public static async ValueTask<(PageQuery Asked, SearchQuery Query)?> ReadQueryAsync(HttpContext context)
    {
        if (await ReadBodyAsync(context).ConfigureAwait(false) is not { } body || await ReadAsync(context, body, SearchJson.Default.PageQuery).ConfigureAwait(false) is not { } asked)
        {
            return null;
        }

        if (SearchQuery.TryParse(asked.Query, out var query, out var problem))
        {
            return (asked, query);
        }

        await RefuseAsync(context, StatusCodes.Status400BadRequest, problem).ConfigureAwait(false);
        return null;
    }

    public static Task RefuseAsync(HttpContext context, int status, string detail) => WriteAsync(context, new SearchProblem(detail), SearchJson.Default.SearchProblem, status);

    public static Task WriteAsync<T>(HttpContext context, T message, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        var response = context.Response;
        response.StatusCode = status;
        response.ContentType = status >= 400 ? "application/problem+json" : "application/json";
        response.Headers.CacheControl = "no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        return JsonSerializer.SerializeAsync(response.Body, message, type, context.RequestAborted);
    }

    /// <summary>Sends what a search finds as it finds it (server-sent events). A failure after the first is an event of its own.</summary>
    public static async Task StreamAsync(HttpContext context, IAsyncEnumerable<SearchResults> search, bool namesSites)
    {
        var response = context.Response;
        response.ContentType = "text/event-stream";
        response.Headers.CacheControl = "no-store";
        response.Headers["X-Accel-Buffering"] = "no";
        response.Headers.XContentTypeOptions = "nosniff";
        context.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        try
        {
            await foreach (var results in search.WithCancellation(context.RequestAborted).ConfigureAwait(false))
            {
                await SendAsync(context, "results", ResultsView.Of(results, namesSites), SearchJson.Default.ResultsView).ConfigureAwait(false);
            }
        }
        catch (YouSearchException failure)
        {
            await SendAsync(context, "problem", new SearchProblem(failure.Message), SearchJson.Default.SearchProblem).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // Nobody looks at the page any more.
        }
    }

    private static async Task SendAsync<T>(HttpContext context, string name, T message, JsonTypeInfo<T> type)
    {
        await context.Response.WriteAsync($"event: {name}\ndata: {JsonSerializer.Serialize(message, type)}\n\n", context.RequestAborted).ConfigureAwait(false);
        await context.Response.Body.FlushAsync(context.RequestAborted).ConfigureAwait(false);
    }
}
