using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using P2P.YouSearch.Http;
using P2P.YouSearch.Index;
using P2P.YouSearch.Protocol;
using P2P.YouServ;

namespace P2P.YouSearch.Hosting;

/// <summary>Lets the search of a peer live as long as its host does: between when the peer has started and when it stops.</summary>
internal sealed class YouSearchService(IServiceProvider services, IOptions<YouSearchOptions> options, IOptions<PeerOptions> peerOptions) : IHostedLifecycleService, IAsyncDisposable
{
    private YouSearchPeer? _search;
    private readonly List<IDisposable> _parts = [];

    public YouSearchPeer Search => _search ?? throw new YouSearchException("The search has not been started: it starts with its host, after the peer.");

    /// <summary>The search; null before it has started.</summary>
    public YouSearchPeer? Started => _search;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var (settings, peerSettings) = (options.Value, peerOptions.Value);
        settings.Validate();
        var peer = services.GetService<YouServPeer>() ?? throw new YouSearchException("There is no peer to search at: call AddYouServPeer on the services too.");
        var clock = services.GetService<TimeProvider>() ?? TimeProvider.System;
        var logger = (services.GetService<ILoggerFactory>() ?? NullLoggerFactory.Instance).CreateLogger<YouSearchPeer>();
        var folder = settings.StateFolder.Length > 0 ? settings.StateFolder : Path.Combine(peerSettings.StateFolder, "search");
        CreateFolder(folder);
        var notes = OwnerNotes.Open(Path.Combine(folder, "notes.json"));
        var indexes = services.GetService<IIndexFactory>() ?? new FtsIndexFactory(folder, logger);
        IReadOnlyList<Uri> coordinators = [.. peerSettings.Coordinators];
        var own = services.GetService<IRegistrar>();
        var registrar = own ?? Keep(new HttpRegistrar(coordinators, peer.CreateCoordinatorHandler(), async (message, token) => await ProveAsync(peer, message, token).ConfigureAwait(false)));
        var anonymous = own ?? Keep(new HttpRegistrar(coordinators, peer.CreateCoordinatorHandler(), static (_, _) => new((string?)null)));
        var answers = new GatheredAnswers(new AnswerCache(settings.CacheBytes, settings.CacheLifetime), clock);
        var metrics = new SearchMetrics(services.GetService<IMeterFactory>());
        var client = Keep(new SiteClient(new LateHandler(peer)));
        var limits = new FanOutLimits(settings.SitesTogether, settings.SiteDeadline, settings.Deadline);
        _search = new YouSearchPeer(
            peer,
            settings,
            notes,
            new SiteDesk(peer, notes, settings, indexes, registrar, clock, logger),
            new Searcher(registrar, client, limits, answers, settings.CacheLifetime, metrics, clock, logger),
            new Searcher(anonymous, client, limits, cache: null, settings.CacheLifetime, metrics, clock, logger),
            new SavedPages(Path.GetFullPath(peerSettings.Folder), settings.SavedFolder, clock),
            answers,
            metrics);
        _search.Start();
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => DisposeAsync().AsTask();

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_search is not null)
        {
            await _search.DisposeAsync().ConfigureAwait(false);
        }

        foreach (var part in _parts)
        {
            part.Dispose();
        }
    }

    private static async ValueTask<string?> ProveAsync(YouServPeer peer, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (peer.Sites is not [var own, ..])
        {
            return null;
        }

        try
        {
            return (await peer.GetProverAsync(cancellationToken).ConfigureAwait(false)).Prove(own.Zone, message.Span);
        }
        catch (YouServException failure)
        {
            throw new YouSearchException(failure.Message, failure);
        }
    }

    private static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    private T Keep<T>(T part)
        where T : IDisposable
    {
        _parts.Add(part);
        return part;
    }
}
