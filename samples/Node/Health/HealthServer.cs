using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using NodeSample.Control;
using NodeSample.Settings;
using P2P.Pastry;

namespace NodeSample.Health;

/// <summary>
/// Answers watchers over HTTP on an address of its own, where one is set: <c>/health/live</c>, <c>/health/ready</c> and <c>/health</c>. It takes little of anybody: a few
/// connections, a request on each, and no bodies.
/// </summary>
internal sealed class HealthServer(NodeSettings settings, HealthCheck health) : IHostedService, IAsyncDisposable
{
    private const int ConnectionsMax = 32;
    private const int RequestLineMax = 1024;
    private const int HeadersMax = 8 * 1024;

    private static readonly TimeSpan RequestTimeMax = TimeSpan.FromSeconds(5);

    private WebApplication? _web;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (settings.Health is not { } address)
        {
            return;
        }

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => Bind(kestrel, address));
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = RequestTimeMax);
        _web = builder.Build();
        _web.Run(AnswerAsync);
        try
        {
            await _web.StartAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is IOException or SocketException)
        {
            throw new FailedException($"--health: '{address}' can't be listened at: {exception.Message}");
        }

        await Console.Out.WriteLineAsync($"health {new Uri(_web.Urls.First()).Authority}");
    }

    public Task StopAsync(CancellationToken cancellationToken) => _web?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public ValueTask DisposeAsync() => _web?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static void Bind(KestrelServerOptions kestrel, NodeAddress address)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
        kestrel.Limits.MaxRequestLineSize = RequestLineMax;
        kestrel.Limits.MaxRequestHeadersTotalSize = HeadersMax;
        kestrel.Limits.MaxRequestBodySize = 0;
        kestrel.Limits.RequestHeadersTimeout = RequestTimeMax;
        kestrel.Limits.KeepAliveTimeout = RequestTimeMax;
        var target = IPAddress.TryParse(address.Host, out var literal) ? literal : Dns.GetHostAddresses(address.Host)[0];
        kestrel.Listen(target, address.Port, listen => listen.Protocols = HttpProtocols.Http1);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        // A watcher asks again when it likes; meanwhile the connection would only take a place.
        context.Response.Headers.Connection = "close";
        context.Response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsGet(context.Request.Method) && !HttpMethods.IsHead(context.Request.Method))
        {
            context.Response.Headers.Allow = "GET, HEAD";
            await WriteAsync(context, StatusCodes.Status405MethodNotAllowed, "text/plain", "Only GET and HEAD are answered.\n");
            return;
        }

        var path = context.Request.Path.Value;
        if (path is not ("/health" or "/health/live" or "/health/ready"))
        {
            await WriteAsync(context, StatusCodes.Status404NotFound, "text/plain", "There is /health, /health/live and /health/ready.\n");
            return;
        }

        var now = await health.CheckAsync(context.RequestAborted);
        var (isGood, text) = path switch
        {
            "/health/live" => (now.Live, now.Live ? "live" : now.Reason),
            "/health/ready" => (now.Ready, now.Ready ? "ready" : now.Reason),
            _ => (now.Ready, null),
        };
        var status = isGood ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        await (text is null
            ? WriteAsync(context, status, "application/json", JsonSerializer.Serialize(now, ControlFormat.Default.NodeHealth) + "\n")
            : WriteAsync(context, status, "text/plain", text + "\n"));
    }

    private static async Task WriteAsync(HttpContext context, int status, string type, string text)
    {
        var bytes = Encoding.UTF8.GetBytes(text);
        context.Response.StatusCode = status;
        context.Response.ContentType = type + "; charset=utf-8";
        context.Response.ContentLength = bytes.Length;
        if (!HttpMethods.IsHead(context.Request.Method))
        {
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
        }
    }
}
