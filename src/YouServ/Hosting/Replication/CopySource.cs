using System.Text.Json;
using Microsoft.Extensions.Logging;
using P2P.YouServ.Http.Files;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>
/// The owner's side of replication: numbers the states of the site, and tells replicas that wait for the next. It begins to look when the first replica asks; a site that nobody copies costs nothing.
/// </summary>
internal sealed partial class CopySource(PeerSite site, SiteFilesOptions serving, TimeSpan interval, TimeProvider clock, ILogger logger) : IAsyncDisposable
{
    private static readonly TimeSpan Gathering = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Unrest = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _stop = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly Lock _gate = new();
    private Task<SiteIndex>? _opening;
    private Task _looking = Task.CompletedTask;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile SiteState? _state;

    /// <summary>The state of the last look; null before anybody has asked for it.</summary>
    public SiteState? State => _state;

    /// <summary>What the owner has said of the site.</summary>
    public SharedRules Rules => new()
    {
        Rules = [.. site.Access.Rules.All.Select(rule => new SharedRule { Path = rule.Path.Value, Audience = rule.Audience, Users = [.. rule.Users.Select(user => user.Value)], Groups = rule.Groups })],
        Links = [.. site.Links.AllByHash.Select(link => new SharedLink { Id = link.Value.Id, SecretHash = link.Key, Path = link.Value.Path.Value, ExpiresAt = link.Value.ExpiresAt })],
        ShowsHidden = serving.ShowsHidden,
        RunsScripts = serving.RunsScripts,
    };

    /// <summary>Gives the index, which has looked at least once.</summary>
    public Task<SiteIndex> OpenAsync()
    {
        lock (_gate)
        {
            return _opening is { IsFaulted: false } ? _opening : _opening = Task.Run(BeginAsync);
        }
    }

    /// <summary>Gives the state once it is another than one that is known, or when somebody has waited for long enough.</summary>
    /// <param name="files">The digest of files that is known; null for none.</param>
    /// <param name="rules">The digest of rules that is known; null for none.</param>
    /// <param name="patience">How long to wait at most.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    public async Task<SiteState> WaitAsync(string? files, string? rules, TimeSpan patience, CancellationToken cancellationToken)
    {
        await OpenAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        using var limit = new CancellationTokenSource(patience, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, _stop.Token, cancellationToken);
        while (true)
        {
            var changed = Volatile.Read(ref _changed).Task;
            var state = _state!;
            if (state.Files != files || state.Rules != rules || end.IsCancellationRequested)
            {
                return state;
            }

            await changed.WaitAsync(end.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Looks at once, until nothing changes any more.</summary>
    public async Task<SiteState> LookAsync(CancellationToken cancellationToken)
    {
        var index = await OpenAsync().WaitAsync(cancellationToken).ConfigureAwait(false);
        while (!await LookAsync(index).ConfigureAwait(false))
        {
            await Task.Delay(Gathering, clock, cancellationToken).ConfigureAwait(false);
        }

        return _state!;
    }

    /// <summary>Answers all who wait, as the web server waits for their requests to end before it stops.</summary>
    public void Close() => _stop.Cancel();

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Task<SiteIndex>? opening;
        lock (_gate)
        {
            opening = _opening;
        }

        if (opening is not null)
        {
            await ((Task)opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await _looking.ConfigureAwait(false);
            site.Access.Changed -= Wake;
            site.Links.Changed -= Wake;
            (opening.IsCompletedSuccessfully ? opening.Result : null)?.Dispose();
        }

        _wake.Dispose();
        _turn.Dispose();
        _stop.Dispose();
    }

    private async Task<SiteIndex> BeginAsync()
    {
        var index = await SiteIndex.OpenAsync(site.Folder, site.Database, clock).ConfigureAwait(false);
        var watch = FolderWatch.TryStart(site.FolderPath, Wake);
        try
        {
            site.Access.Changed += Wake;
            site.Links.Changed += Wake;
            do
            {
                await LookAsync(index).ConfigureAwait(false);
            }
            while (_state is null);

            _looking = Task.Run(() => KeepLookingAsync(index, watch), CancellationToken.None);
            return index;
        }
        catch
        {
            watch?.Dispose();
            site.Access.Changed -= Wake;
            site.Links.Changed -= Wake;
            index.Dispose();
            throw;
        }
    }

    private async Task KeepLookingAsync(SiteIndex index, FolderWatch? watch)
    {
        using var watching = watch;
        var pause = interval;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await _wake.WaitAsync(pause, _stop.Token).ConfigureAwait(false);
                await Task.Delay(Gathering, clock, _stop.Token).ConfigureAwait(false);
                var begun = clock.GetTimestamp();

                // What changes is looked at again soon; what never comes to rest, such as a folder that nobody here may read, ever more seldom.
                var isAtRest = await LookAsync(index).ConfigureAwait(false);
                pause = isAtRest ? interval : pause >= interval ? Unrest : pause * 2;

                // A large site that changes all the time must not keep the machine busy.
                await Task.Delay(clock.GetElapsedTime(begun) * 2, clock, _stop.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
            }
#pragma warning disable CA1031 // Whatever is wrong with the folder, replicas are to get what comes later.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                LogFailure(failure);
                pause = interval;
            }
        }
    }

    /// <returns>Whether nothing has changed, neither since the last look nor during this one.</returns>
    private async Task<bool> LookAsync(SiteIndex index)
    {
        await _turn.WaitAsync(_stop.Token).ConfigureAwait(false);
        try
        {
            return await LookOnceAsync(index).ConfigureAwait(false);
        }
        finally
        {
            _turn.Release();
        }
    }

    private async Task<bool> LookOnceAsync(SiteIndex index)
    {
        var rules = RulesDigest();
        var isAtRest = await index.LookAsync(serving, written: null, _stop.Token).ConfigureAwait(false);
        if (RulesDigest() != rules)
        {
            return false; // Files and rules that never were together must not be.
        }

        var files = index.Root.Digest.ToString();
        var last = _state ?? await ReadAsync().ConfigureAwait(false);
        if (index.Root.Entries.Count == 0 && last is not null && last.Files != files)
        {
            // A disk that is not there looks just so, and copies would be emptied when they are needed most.
            LogEmpty();
            files = last.Files;
        }

        if (last?.Files == files && last.Rules == rules)
        {
            _state = last;
            return isAtRest;
        }

        var state = new SiteState { Version = Math.Max(clock.GetUtcNow().ToUnixTimeMilliseconds(), (last?.Version ?? 0) + 1), Origin = last?.Origin ?? Token.CreateId(), Files = files, Rules = rules };
        await site.SetAsync("state", JsonSerializer.Serialize(state, WireJson.Default.SiteState)).ConfigureAwait(false);
        _state = state;
        Interlocked.Exchange(ref _changed, new(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
        return false;
    }

    private async Task<SiteState?> ReadAsync() =>
        await site.GetAsync("state").ConfigureAwait(false) is { } text ? JsonSerializer.Deserialize(text, WireJson.Default.SiteState) : null;

    private string RulesDigest() => ContentDigest.Of(JsonSerializer.SerializeToUtf8Bytes(Rules, WireJson.Default.SharedRules)).ToString();

    private void Wake()
    {
        lock (_gate)
        {
            if (!_stop.IsCancellationRequested && _wake.CurrentCount == 0)
            {
                _wake.Release();
            }
        }
    }

    [LoggerMessage(5124, LogLevel.Warning, "The site's folder is empty, and was not. Copies keep what they have until something is in it.")]
    private partial void LogEmpty();

    [LoggerMessage(5120, LogLevel.Warning, "Replicas get nothing new of the site, until this works again.")]
    private partial void LogFailure(Exception failure);
}
