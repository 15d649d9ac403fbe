using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using P2P.YouSearch.Hosting;
using P2P.YouSearch.Wire;

namespace P2P.YouSearch.Http;

/// <summary>Answers the registrar for which a vector is held, and nobody else.</summary>
internal sealed class VectorApi(VectorHolder holder, string secret)
{
    private readonly byte[] _secret = Digest($"Bearer {secret}");

    public void Map(IEndpointRouteBuilder routes) => routes.MapPost(RegistrarPaths.Vectors, HandleAsync);

    private async Task HandleAsync(HttpContext context)
    {
        // Digests are of one length, so that nothing is told by the time of the comparison.
        if (!CryptographicOperations.FixedTimeEquals(_secret, Digest(context.Request.Headers.Authorization.ToString())))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }

        if (await BoundedBody.ReadAsync(context, VectorRequest.LengthMax).ConfigureAwait(false) is not { } body || !VectorRequest.TryRead(body, out var request))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        var reply = holder.Answer(request).ToBytes();
        context.Response.ContentType = RegistrarPaths.BinaryType;
        context.Response.ContentLength = reply.Length;
        await context.Response.Body.WriteAsync(reply, context.RequestAborted).ConfigureAwait(false);
    }

    private static byte[] Digest(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));
}
