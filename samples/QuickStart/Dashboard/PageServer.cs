using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http.HttpResults;

namespace QuickStart.Dashboard;

/// <summary>
/// Serves the dashboard, to this machine only. Any page of the web that is open in the browser can send requests to this machine as well: so everything is below a path that nobody guesses, and only
/// requests that name this server, from a page of it, are answered.
/// </summary>
internal sealed class PageServer : IAsyncDisposable
{
    private const int TokenLength = 16;

    private const int BodyLengthMax = 1024;

    private static readonly Dictionary<string, string> ContentTypes = new(StringComparer.Ordinal)
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
        [".svg"] = "image/svg+xml",
    };

    private readonly WebApplication _application;

    private PageServer(WebApplication application, string url) => (_application, Url) = (application, url);

    /// <summary>The page's address, with the part that nobody guesses.</summary>
    public string Url { get; }

    /// <summary>Binds the port.</summary>
    /// <param name="port">The port; 0 for a free one.</param>
    /// <param name="show">What is shown.</param>
    /// <exception cref="IOException">The port is taken.</exception>
    public static async Task<PageServer> StartAsync(int port, LiveShow show)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BodyLengthMax;
            kestrel.Limits.MaxConcurrentConnections = 64;
            kestrel.Listen(IPAddress.Loopback, port);
        });
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var application = builder.Build();
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenLength));
        application.Use(GuardAsync);
        application.UseWebSockets(new() { KeepAliveInterval = TimeSpan.FromSeconds(10), KeepAliveTimeout = TimeSpan.FromSeconds(20) });
        var sockets = new PageSockets(show);
        var page = application.MapGroup("/{token}").AddEndpointFilter(async (context, next) => IsToken(context.HttpContext, token) ? await next(context) : Results.NotFound());
        page.MapGet("/", () => FileOf("index.html"));
        page.MapGet("/socket", (HttpContext context) => sockets.ServeAsync(context, application.Lifetime.ApplicationStopping));
        page.MapGet("/state", () => Results.Text(Encoding.UTF8.GetString(show.Picture), "application/json"));
        page.MapGet("/{file}", FileOf);
        try
        {
            await application.StartAsync();
        }
        catch
        {
            await application.DisposeAsync();
            throw;
        }

        return new PageServer(application, $"http://127.0.0.1:{new Uri(application.Urls.Single()).Port}/{token}/");
    }

    public async ValueTask DisposeAsync()
    {
        await _application.StopAsync();
        await _application.DisposeAsync();
    }

    /// <summary>A name that leads here though it is somebody else's would make this server a part of somebody else's site.</summary>
    private static Task GuardAsync(HttpContext context, RequestDelegate next)
    {
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy =
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers["Cross-Origin-Resource-Policy"] = "same-origin";
        headers["Cross-Origin-Opener-Policy"] = "same-origin";
        headers.CacheControl = "no-store";
        var (host, origin) = (context.Request.Host, context.Request.Headers.Origin);
        var isOurs = host.Host is "127.0.0.1" or "localhost" && host.Port == context.Connection.LocalPort;
        var isFromHere = origin.Count == 0 ? !context.WebSockets.IsWebSocketRequest && context.Request.Headers.Upgrade.Count == 0 : origin == $"http://{host}";
        if (isOurs && isFromHere)
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    private static bool IsToken(HttpContext context, string token) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes((string?)context.Request.RouteValues["token"] ?? ""), Encoding.UTF8.GetBytes(token));

    private static Results<FileStreamHttpResult, NotFound> FileOf(string file) =>
        ContentTypes.TryGetValue(Path.GetExtension(file), out var type) && typeof(PageServer).Assembly.GetManifestResourceStream($"page/{file}") is { } stream
            ? TypedResults.Stream(stream, type)
            : TypedResults.NotFound();
}
