using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Http;

/// <summary>Reads and writes JSON, of a bounded length and by generated code only.</summary>
internal static class JsonBody
{
    private const int LengthMax = 64 * 1024;

    /// <summary>Reads what was sent.</summary>
    /// <returns>It; null after the request was refused because it is no JSON of that kind.</returns>
    public static async ValueTask<T?> ReadAsync<T>(HttpContext context, JsonTypeInfo<T> type)
        where T : class
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = LengthMax;
        }

        try
        {
            if (context.Request.HasJsonContentType()
                && await JsonSerializer.DeserializeAsync(context.Request.Body, type, context.RequestAborted).ConfigureAwait(false) is { } body)
            {
                return body;
            }
        }
        catch (JsonException)
        {
        }
        catch (BadHttpRequestException failure)
        {
            await RefuseAsync(context, failure.StatusCode, "invalid", "The request's body is too long, or broken.").ConfigureAwait(false);
            return null;
        }

        await RefuseAsync(context, StatusCodes.Status400BadRequest, "invalid", "The request's body is not what it must be.").ConfigureAwait(false);
        return null;
    }

    public static Task WriteAsync<T>(HttpContext context, T body, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        context.Response.Headers.CacheControl = "no-store";
        return JsonSerializer.SerializeAsync(context.Response.Body, body, type, context.RequestAborted);
    }

    /// <summary>Says why a request had no success.</summary>
    public static Task RefuseAsync(HttpContext context, int status, string title, string detail)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        context.Response.Headers.CacheControl = "no-store";
        return JsonSerializer.SerializeAsync(context.Response.Body, new Problem(title, detail), WireJson.Default.Problem, context.RequestAborted);
    }
}
