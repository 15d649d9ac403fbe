using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace P2P.YouServ.Dns;

/// <summary>
/// Serves a zone as its authority, over UDP and TCP, and takes changes that the next query sees. It answers for its zone only and asks nobody else; it transfers the zone to
/// nobody, delegates nothing, and signs nothing.
/// </summary>
public sealed class DnsServer : IDnsPublisher, IAsyncDisposable
{
    private readonly ZoneOpening _opening;
    private readonly ZonePublisher _publisher;
    private readonly List<EndpointServer> _servers = [];
    private readonly DnsServerOptions _options;
    private readonly DnsMetrics _metrics;
    private bool _isDisposed;

    private DnsServer(DnsServerOptions options, ZoneOpening opening)
    {
        (_options, _opening) = (options, opening);
        _publisher = new ZonePublisher(opening.Zone, opening.Store, opening.Serial);
        _metrics = DnsMetrics.Of(options.MeterFactory);
    }

    /// <summary>Where the server listens, with the ports that it got.</summary>
    public IReadOnlyList<IPEndPoint> Endpoints => [.. _servers.Select(server => server.Endpoint)];

    /// <summary>The number of the zone's version, which its SOA record shows; it rises with each change and each start, and goes on at 0 behind the highest (RFC 1982).</summary>
    public uint Serial => _publisher.Serial;

    internal IZoneStore Store => _opening.Store;

    /// <summary>Starts a server. It answers when the task completes.</summary>
    /// <param name="options">How it is set up; copied.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">An option is out of its range, or a record none of the zone's.</exception>
    /// <exception cref="YouServException">The file can't be used, or an endpoint can't be listened at.</exception>
    public static async Task<DnsServer> StartAsync(DnsServerOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        options = options.Validated();
        var logger = (options.LoggerFactory ?? NullLoggerFactory.Instance).CreateLogger<DnsServer>();
        var opening = await Task.Run(() => ZoneOpening.Open(options, logger), cancellationToken).ConfigureAwait(false);
        var server = new DnsServer(options, opening);
        try
        {
            server.Listen();
            logger.Started(options.Zone, opening.Serial, string.Join(", ", server.Endpoints));
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <inheritdoc/>
    /// <remarks>Where the options name a file, changes that are published at the same time share a flush of the disk. At most 1,024 calls wait to be taken; further ones wait for a place.</remarks>
    public async ValueTask PublishAsync(IReadOnlyList<DnsRecordSet> changes, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(changes);
        var encoded = changes.Select(_opening.Check).ToArray();
        if (encoded.Length > 0)
        {
            await _publisher.PublishAsync(encoded, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Stops answering, and waits until the changes that were taken are durable.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _isDisposed, true))
        {
            return;
        }

        foreach (var server in _servers)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            _metrics.Remove(server);
        }

        await _publisher.DisposeAsync().ConfigureAwait(false);
    }

    private void Listen()
    {
        var limiter = _options.DatagramsPerSecondMax > 0 ? new ResponseRateLimiter(_options.DatagramsPerSecondMax, _options.Time) : null;
        foreach (var endpoint in _options.Endpoints)
        {
            var server = EndpointServer.Start(endpoint, _opening.Zone, limiter, _options);
            _servers.Add(server);
            _metrics.Add(server);
        }
    }
}
