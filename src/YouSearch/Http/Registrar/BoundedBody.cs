using System.Buffers;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace P2P.YouSearch.Http;

/// <summary>Reads bodies of a bounded length, in a bounded time.</summary>
internal static class BoundedBody
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <returns>The body; null if it is longer than it may be, or did not come.</returns>
    public static async ValueTask<byte[]?> ReadAsync(HttpContext context, int lengthMax)
    {
        if (context.Request.ContentLength > lengthMax)
        {
            return null;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = lengthMax;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        patience.CancelAfter(Patience);
        try
        {
            var result = await context.Request.BodyReader.ReadAtLeastAsync(lengthMax + 1, patience.Token).ConfigureAwait(false);
            var body = result.Buffer.Length <= lengthMax ? result.Buffer.ToArray() : null;
            context.Request.BodyReader.AdvanceTo(result.Buffer.End);
            return body;
        }
        catch (Exception failure) when (failure is IOException or OperationCanceledException)
        {
            return null;
        }
    }
}
