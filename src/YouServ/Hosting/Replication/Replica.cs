using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using P2P.YouServ.Http;
using P2P.YouServ.Http.Files;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>Lets one copy follow its owner: waits at the owner's peer for the next state, copies it, tells the coordinator what is on the disk, and serves it meanwhile.</summary>
internal sealed partial class Replica(
    SiteName site,
    ReplicaSite copy,
    PeerSite own,
    CoordinatorClient coordinator,
    X509Certificate2Collection authorities,
    TimeSpan interval,
    IReadOnlyList<IYouServPlugin> plugins,
    PeerMetrics metrics,
    TimeProvider clock,
    ILogger logger) : IAsyncDisposable
{
    /// <summary>In this header a copy says whose peer it is at, and of when its state is.</summary>
    public const string NoteHeader = "YouServ-Copy";

    private const string OwnerName = "owner";

    private static readonly TimeSpan PauseMin = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CopyPauseMin = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan AwayPauseMax = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FailurePauseMax = TimeSpan.FromMinutes(1);

    private readonly CancellationTokenSource _stop = new();
    private Task _following = Task.CompletedTask;
    private volatile SiteApplication? _application;
    private volatile ServedSite? _served;
    private SiteFilesOptions? _serving;
    private (SyncClient Client, long Since)? _client;
    private volatile bool _isUnwanted;
    private bool _isIntact;
    private int _timesAway;

    /// <summary>Whose site it is.</summary>
    public SiteName Site => site;

    public ReplicaSite Copy => copy;

    /// <summary>The copy as plug-ins see it; null where it cannot be seen now.</summary>
    public ServedSite? Served => copy.State is not null && !_isUnwanted ? _served : null;

    /// <summary>When the copy was last found to be what the owner's site is; null before.</summary>
    public DateTimeOffset? CheckedAt { get; private set; }

    /// <summary>Why it does not follow its owner now; empty while it does.</summary>
    public string Detail { get; private set; } = "";

    /// <summary>Begins to serve what is there, and to follow.</summary>
    public async Task StartAsync()
    {
        if (own.Identity is { } identity && await copy.Site.GetAsync(OwnerName).ConfigureAwait(false) is { } text)
        {
            copy.Site.StandInFor(JsonSerializer.Deserialize(text, WireJson.Default.PeerIdentity)! with { Token = identity.Token });
        }

        Renew();
        _following = Task.Run(FollowAsync);
    }

    /// <summary>Answers a visitor of the site.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        if (_application is not { } application || copy.State is not { } state || _isUnwanted)
        {
            context.Response.Headers.RetryAfter = "1";
            return ErrorPages.WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The copy of this site is just being brought up to date. Try again in a moment.");
        }

        context.Response.Headers[NoteHeader] = $"at=\"{own.Identity?.Host}\"; as-of=\"{DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(state.Version, 0, MomentMax)):R}\"";
        return application.InvokeAsync(context);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(false);
        _client?.Client.Dispose();
        await copy.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private static long MomentMax => DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private async Task FollowAsync()
    {
        var failures = 0;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                if (await StepAsync(_stop.Token).ConfigureAwait(false))
                {
                    failures = 0;
                }
                else
                {
                    Detail = "The site changes faster than it can be copied, or has files that cannot be read.";
                    await PauseAsync(failures++).ConfigureAwait(false);
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
            }
#pragma warning disable CA1031 // Whatever the owner's peer or the disk do, the copy follows again when they are well.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                Detail = failure.Message;
                if (failure is HttpRequestException or IOException or InvalidDataException)
                {
                    LogAway(site, failure.Message);
                }
                else
                {
                    LogFailure(failure, site);
                }

                Forget();
                await PauseAsync(failures++).ConfigureAwait(false);
            }
        }
    }

    private async Task PauseAsync(int failures)
    {
        var seconds = Math.Min(Math.Pow(2, failures), FailurePauseMax.TotalSeconds) * (0.5 + (RandomNumberGenerator.GetInt32(1000) / 1000.0));
        await Task.Delay(TimeSpan.FromSeconds(seconds), clock, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    /// <returns>Whether nothing is to be waited for; not so where the copy could not become what the owner's site is.</returns>
    private async Task<bool> StepAsync(CancellationToken cancellationToken)
    {
        if (await ConnectAsync(cancellationToken).ConfigureAwait(false) is not { } client)
        {
            var pause = Math.Min(Math.Pow(2, _timesAway++), AwayPauseMax.TotalSeconds) * (0.5 + (RandomNumberGenerator.GetInt32(1000) / 1000.0));
            await Task.Delay(TimeSpan.FromSeconds(pause), clock, cancellationToken).ConfigureAwait(false);
            return true;
        }

        _timesAway = 0;

        var (asked, hasCopied) = (clock.GetTimestamp(), false);
        var state = await client.WaitAsync(_isIntact ? copy.State : null, interval, cancellationToken).ConfigureAwait(false);
        if (!await copy.IsIntactAsync(cancellationToken).ConfigureAwait(false) || copy.State!.Rules != state.Rules || copy.State.Files != state.Files)
        {
            _isIntact = false;
            if (!await copy.CopyAsync(client, state, hasLooked: true, cancellationToken).ConfigureAwait(false))
            {
                return false;
            }

            LogCopied(site, copy.State!.Version);
            hasCopied = true;
        }
        else if (_isIntact && clock.GetElapsedTime(asked) < PauseMin)
        {
            // An owner's peer that stops answers at once, and one that errs may do so for ever.
            await Task.Delay(PauseMin, clock, cancellationToken).ConfigureAwait(false);
        }

        _isIntact = true;
        (CheckedAt, Detail) = (clock.GetUtcNow(), "");
        Renew();
        await ReportAsync(cancellationToken).ConfigureAwait(false);
        if (hasCopied)
        {
            await Task.Delay(CopyPauseMin, clock, cancellationToken).ConfigureAwait(false); // An owner whose site changes all the time must not keep this machine busy.
        }

        return true;
    }

    /// <summary>Finds the owner's peer, from time to time anew: it may have moved, and a pass ends.</summary>
    private async Task<SyncClient?> ConnectAsync(CancellationToken cancellationToken)
    {
        if (_client is { } known && clock.GetElapsedTime(known.Since) + interval < SyncPass.Lifetime)
        {
            return known.Client;
        }

        Forget();
        if (own.Identity is not { } identity)
        {
            return null;
        }

        var since = clock.GetTimestamp();
        var answer = await coordinator.PostAsync(
            "peer/replicas", identity.Token, new ReplicaQuery { Held = site.Value }, WireJson.Default.ReplicaQuery, WireJson.Default.ReplicasReply, cancellationToken).ConfigureAwait(false);
        if (answer.Reply?.Held.FirstOrDefault(held => held.Site == site.Value) is not { } view)
        {
            // Who is not wanted any more serves no more; that it is to be deleted comes with a heartbeat.
            _isUnwanted = answer.Reply is not null;
            Detail = _isUnwanted ? "The owner no longer wants this copy." : answer.Detail;
            return null;
        }

        _isUnwanted = false;
        await StandInAsync(identity, view).ConfigureAwait(false);
        if (view.Source is not { } source)
        {
            Detail = "The owner's peer is away.";
            return null;
        }

        var client = new SyncClient($"{site}.{identity.Zone}", source, authorities);
        _client = (client, since);
        return client;
    }

    private async Task StandInAsync(PeerIdentity identity, HeldView view)
    {
        var owner = identity with { User = view.Owner, DisplayName = view.DisplayName, Site = site.Value, Token = "" };
        if (copy.Site.Identity is not { } known || known with { Token = "" } != owner || known.Token != identity.Token)
        {
            await copy.Site.SetAsync(OwnerName, JsonSerializer.Serialize(owner, WireJson.Default.PeerIdentity)).ConfigureAwait(false);
            copy.Site.StandInFor(owner with { Token = identity.Token });
        }
    }

    private void Forget()
    {
        _client?.Client.Dispose();
        _client = null;
    }

    /// <summary>Serves by the settings that the owner has made.</summary>
    private void Renew()
    {
        if (!ReferenceEquals(_serving, copy.Serving))
        {
            _serving = copy.Serving;
            var serving = _serving with { Entries = [.. plugins.Select(plugin => plugin.Entry).OfType<PageEntry>()] };
            var files = new SiteFiles(copy.Site.Folder, copy.Site.Access, serving, clock);
            var served = new ServedSite(copy.Site, serving, isCopy: true);
            _application = new SiteApplication(copy.Site, files, new OwnPaths(copy.Site, owner: null, [], clock), served, plugins, metrics, clock);
            _served = served;
        }
    }

    private async Task ReportAsync(CancellationToken cancellationToken)
    {
        if (own.Identity is { } identity)
        {
            await coordinator.PostAsync(
                "peer/replicas/report",
                identity.Token,
                new HeldVersion { Site = site.Value, Version = copy.State!.Version },
                WireJson.Default.HeldVersion,
                WireJson.Default.Problem,
                cancellationToken).ConfigureAwait(false);
        }
    }

    [LoggerMessage(5121, LogLevel.Information, "The copy of {Site} has state {Version}.")]
    private partial void LogCopied(SiteName site, long version);

    [LoggerMessage(5123, LogLevel.Warning, "The copy of {Site} does not follow its owner now. {Reason}")]
    private partial void LogAway(SiteName site, string reason);

    [LoggerMessage(5122, LogLevel.Warning, "The copy of {Site} does not follow its owner, until this works again.")]
    private partial void LogFailure(Exception failure, SiteName site);
}
