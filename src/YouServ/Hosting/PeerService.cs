using System.Diagnostics.Metrics;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using P2P.YouServ.Http;
using P2P.YouServ.Http.Files;
using P2P.YouServ.Storage;

namespace P2P.YouServ.Hosting;

/// <summary>Lets a peer live as long as its host does.</summary>
internal sealed class PeerService(IServiceProvider services, IOptions<PeerOptions> options, IHostApplicationLifetime lifetime) : IHostedLifecycleService, IAsyncDisposable
{
    private YouServPeer? _peer;
    private SiteApplication? _application;

    public YouServPeer Peer => _peer ?? throw new YouServException("The peer has not been started: it starts with its host.");

    /// <summary>What visitors by HTTPS are shown; null while there is nothing to show, which ends their handshake.</summary>
    public X509Certificate2? Certificate => _peer?.Site.Certificate.Current;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        var settings = options.Value;
        settings.Validate();
        IYouServPlugin[] plugins = [.. services.GetServices<IYouServPlugin>()];
        if (Array.Find(plugins, plugin => plugin.PathPrefix is not ['/', ..]) is { } plugin)
        {
            throw new YouServException($"{plugin.GetType().Name}.{nameof(IYouServPlugin.PathPrefix)} must begin with a slash, as paths do; it is '{plugin.PathPrefix}'.");
        }

        var clock = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var logger = (services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger<YouServPeer>();
        var site = await PeerSite.OpenAsync(settings.Folder, settings.StateFolder, clock, logger).ConfigureAwait(false);
        var metrics = new PeerMetrics(services.GetService<IMeterFactory>());
        var door = services.GetRequiredService<FrontDoor>();
        var serving = new SiteFilesOptions { ShowsHidden = settings.ShowsHidden, RunsScripts = settings.RunsScripts, Entries = [.. plugins.Select(plugin => plugin.Entry).OfType<PageEntry>()] };
        var source = new CopySource(site, serving, settings.ReplicationInterval, clock, logger);
        var served = new ServedSite(site, serving, isCopy: false);
        var peer = _peer = new YouServPeer(settings, site, served, source, door, [.. plugins.Where(plugin => plugin.AnswersAtCopies)], metrics, clock, logger);
        var files = new SiteFiles(site.Folder, site.Access, serving, clock);
        var uploads = new OwnerFiles(site.Folder, files, new SiteRules(site.Access, site.Links), serving, clock);
        var parts = new OwnPathParts(
            new OwnerApi(site, uploads, new ReplicationApi(() => peer), () => peer.Status, settings.IsProxy ? door.Proxied : null, clock),
            new TunnelPaths(site, door.Proxied, settings, clock),
            new SyncPaths(site, source, serving, clock));
        _application = new SiteApplication(site, files, new OwnPaths(site, parts, serving.Entries, clock), served, plugins, metrics, clock);

        // The web server waits for requests to end, which those of waiting replicas do not by themselves.
        lifetime.ApplicationStopping.Register(source.Close);

        // The peer can name its port only when the server has one.
        lifetime.ApplicationStarted.Register(() =>
        {
            var address = ListeningAt();
            peer.Start(address.Port, address.Scheme == "https");
        });
    }

    /// <summary>Before the web server stops to listen: those whose visitors come through here are to find somebody else first. Half of the time that the host has is left for what stops after it.</summary>
    public Task StoppingAsync(CancellationToken cancellationToken)
    {
        var patience = services.GetService<IOptions<HostOptions>>()?.Value.ShutdownTimeout ?? TimeSpan.FromSeconds(30);
        return services.GetRequiredService<FrontDoor>().Proxied.LeaveAsync(patience / 2, services.GetService<TimeProvider>() ?? TimeProvider.System);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => _peer?.StopAsync(cancellationToken) ?? Task.CompletedTask;

    public Task InvokeAsync(HttpContext context)
    {
        var host = context.Request.Host.Host;
        if (_peer!.FindReplica(host) is { } replica)
        {
            return replica.InvokeAsync(context);
        }

        // Only a new connection can be led on.
        return _peer.HasLeft(host) ? Elsewhere(context) : _application!.InvokeAsync(context);
    }

    public async ValueTask DisposeAsync()
    {
        if (_peer is not null)
        {
            await _peer.DisposeAsync().ConfigureAwait(false);
        }
    }

    private static Task Elsewhere(HttpContext context)
    {
        var request = context.Request;
        context.Response.StatusCode = StatusCodes.Status307TemporaryRedirect;
        context.Response.Headers.Location = $"{request.Scheme}://{request.Host}{request.PathBase}{request.Path}{request.QueryString}";
        context.Features.Get<IConnectionLifetimeNotificationFeature>()?.RequestClose();
        context.Response.Headers.CacheControl = "no-store";
        return Task.CompletedTask;
    }

    private Uri ListeningAt()
    {
        var addresses = services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
        return addresses.Select(Parse).FirstOrDefault() ?? throw new YouServException("The web server of the peer listens nowhere. Give it an address, as by ASPNETCORE_URLS.");
    }

    private static Uri Parse(string address) => new(address.Replace("//*", "//any", StringComparison.Ordinal).Replace("//+", "//any", StringComparison.Ordinal));
}
