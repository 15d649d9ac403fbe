using System.Data.Common;
using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.RateLimiting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using P2P.YouSearch.Hosting;
using P2P.YouSearch.Protocol;
using P2P.YouSearch.Wire;
using P2P.YouServ;

namespace P2P.YouSearch.Http;

/// <summary>Answers peers by HTTP. Who asks is proven by a header over path and body; without one, nobody in particular asks.</summary>
internal sealed class RegistrarApi(Func<Registrar> find, AskerVerifier verify, RequestLimits limits) : IDisposable
{
    private const int JsonLengthMax = 256 * 1024;

    /// <summary>Who sends a long body has proven nothing before it is there.</summary>
    private readonly ConcurrencyLimiter _longBodies = new(new() { PermitLimit = 64, QueueLimit = 0 });

    public void Dispose() => _longBodies.Dispose();

    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost(RegistrarPaths.Register, context => HandleAsync(context, RegistrarPaths.Register, RegistrationFormat.LengthMax, RegisterAsync));
        routes.MapPost(RegistrarPaths.Find, context => HandleAsync(context, RegistrarPaths.Find, JsonLengthMax, FindAsync));
        routes.MapPost(RegistrarPaths.Silent, context => HandleAsync(context, RegistrarPaths.Silent, JsonLengthMax, SilentAsync));
        routes.MapPost(RegistrarPaths.Cached, context => HandleAsync(context, RegistrarPaths.Cached, JsonLengthMax, CachedAsync));
    }

    private async Task HandleAsync(HttpContext context, string path, int lengthMax, Func<HttpContext, Asker, byte[], Task> handle)
    {
        if (!limits.TryTake(context.Connection.RemoteIpAddress ?? IPAddress.None))
        {
            await RefuseAsync(context, StatusCodes.Status429TooManyRequests, "too-often", "Too many requests come from this address.").ConfigureAwait(false);
            return;
        }

        // A registration says whose it is: what has no proof is not worth its length.
        var proof = ProofOf(context.Request);
        if (proof is null && path != RegistrarPaths.Find)
        {
            await RefuseAsync(context, StatusCodes.Status401Unauthorized, "sign-in", "Sign in at the peer first.").ConfigureAwait(false);
            return;
        }

        using var room = lengthMax > JsonLengthMax ? _longBodies.AttemptAcquire() : null;
        if (room is { IsAcquired: false })
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "unavailable", "Too many sites register at once. Try again.").ConfigureAwait(false);
            return;
        }

        if (await BoundedBody.ReadAsync(context, lengthMax).ConfigureAwait(false) is not { } body)
        {
            await RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, "invalid", $"The request's body is longer than {lengthMax} bytes, or did not come in time.").ConfigureAwait(false);
            return;
        }

        var asker = proof is null ? Asker.Anonymous : verify(proof, RegistrarPaths.ProvenOf(path, body));
        if (asker is null)
        {
            await RefuseAsync(context, StatusCodes.Status401Unauthorized, "sign-in", "The request does not prove on whose behalf it is made.").ConfigureAwait(false);
            return;
        }

        if (asker.User is { } user && !limits.TryTake(user))
        {
            await RefuseAsync(context, StatusCodes.Status429TooManyRequests, "too-often", "Too many requests come on behalf of this user.").ConfigureAwait(false);
            return;
        }

        try
        {
            await handle(context, asker, body).ConfigureAwait(false);
        }
        catch (DbException) when (!context.Response.HasStarted)
        {
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "unavailable", "The coordinator cannot reach its store. Try again.").ConfigureAwait(false);
        }
    }

    private async Task RegisterAsync(HttpContext context, Asker asker, byte[] body)
    {
        if (!RegistrationFormat.TryRead(body, out var message))
        {
            await InvalidAsync(context).ConfigureAwait(false);
            return;
        }

        var registrar = find();
        var answer = await registrar.RegisterAsync(asker, message, context.RequestAborted).ConfigureAwait(false);
        await (answer.Value is { } result
            ? WriteAsync(context, new RegistrationReply(result.IsKnown, result.RefreshInterval.TotalSeconds, registrar.Parts), RegistrarJson.Default.RegistrationReply)
            : RefuseAsync(context, answer.Refusal!)).ConfigureAwait(false);
    }

    private async Task FindAsync(HttpContext context, Asker asker, byte[] body)
    {
        if (Parse(body, RegistrarJson.Default.CandidateWish)?.Read() is not { } query)
        {
            await InvalidAsync(context).ConfigureAwait(false);
            return;
        }

        var answer = await find().FindAsync(asker, query, context.RequestAborted).ConfigureAwait(false);
        await (answer.Value is { } list
            ? WriteAsync(context, CandidatesReply.Of(list), RegistrarJson.Default.CandidatesReply)
            : RefuseAsync(context, answer.Refusal!)).ConfigureAwait(false);
    }

    private async Task SilentAsync(HttpContext context, Asker asker, byte[] body)
    {
        if (Parse(body, RegistrarJson.Default.SilentReport) is not { } report)
        {
            await InvalidAsync(context).ConfigureAwait(false);
            return;
        }

        var sites = report.Sites.Select(text => SiteName.TryParse(text, out var site) ? site : default).Where(site => site != default).ToArray();
        if (sites.Length < report.Sites.Count)
        {
            await InvalidAsync(context).ConfigureAwait(false);
            return;
        }

        var answer = await find().ReportSilentAsync(asker, sites, context.RequestAborted).ConfigureAwait(false);
        await (answer.Value is { } copies
            ? WriteAsync(context, new CopiesReply { Copies = [.. copies.Select(CandidateView.Of)] }, RegistrarJson.Default.CopiesReply)
            : RefuseAsync(context, answer.Refusal!)).ConfigureAwait(false);
    }

    private Task CachedAsync(HttpContext context, Asker asker, byte[] body) =>
        Parse(body, RegistrarJson.Default.CachedOffer) is { } offer ? DoneAsync(context, find().OfferCached(asker, offer.Key, offer.Sequence)) : InvalidAsync(context);

    private static string? ProofOf(HttpRequest request)
    {
        const string Scheme = RegistrarPaths.ProofScheme + " ";
        var header = request.Headers.Authorization.ToString();
        return header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) ? header[Scheme.Length..].Trim() : null;
    }

    private static T? Parse<T>(byte[] body, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(body, type);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Task DoneAsync(HttpContext context, Refusal? refusal)
    {
        if (refusal is not null)
        {
            return RefuseAsync(context, refusal);
        }

        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }

    private static Task InvalidAsync(HttpContext context) => RefuseAsync(context, StatusCodes.Status400BadRequest, "invalid", "The request's body is not what it must be.");

    private static Task RefuseAsync(HttpContext context, Refusal refusal)
    {
        var (status, title) = refusal.Kind switch
        {
            RefusalKind.SignInFirst => (StatusCodes.Status401Unauthorized, "sign-in"),
            RefusalKind.Forbidden => (StatusCodes.Status403Forbidden, "refused"),
            RefusalKind.TooOften => (StatusCodes.Status429TooManyRequests, "too-often"),
            RefusalKind.Full => (StatusCodes.Status507InsufficientStorage, "full"),
            _ => (StatusCodes.Status400BadRequest, "invalid"),
        };
        return RefuseAsync(context, status, title, refusal.Reason);
    }

    private static Task RefuseAsync(HttpContext context, int status, string title, string detail)
    {
        if (status is StatusCodes.Status429TooManyRequests or StatusCodes.Status503ServiceUnavailable)
        {
            context.Response.Headers.RetryAfter = "1";
        }

        return WriteAsync(context, new RegistrarProblem(title, detail), RegistrarJson.Default.RegistrarProblem, status, "application/problem+json");
    }

    private static Task WriteAsync<T>(HttpContext context, T body, JsonTypeInfo<T> type, int status = StatusCodes.Status200OK, string contentType = "application/json")
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = contentType;
        context.Response.Headers.CacheControl = "no-store";
        return JsonSerializer.SerializeAsync(context.Response.Body, body, type, context.RequestAborted);
    }
}
