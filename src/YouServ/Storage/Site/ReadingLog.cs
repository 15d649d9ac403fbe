using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace P2P.YouServ.Storage;

/// <summary>
/// Tells the owner who has read what, and when. Readings are gathered for a second and written together; the same reader's of the same path in that second are one entry
/// with their number, so that no flood of requests fills the disk. At most 4,096 different ones are gathered at a time: what comes beyond is counted under no path.
/// </summary>
internal sealed partial class ReadingLog : IAsyncDisposable
{
    private const int GatheredMax = 4096;
    private const int EntriesMax = 200_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly SqliteDatabase _database;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _writing;
    private ConcurrentDictionary<(string Reader, SitePath Path), Counter> _gathered = new();

    public ReadingLog(SqliteDatabase database, TimeProvider clock, ILogger logger)
    {
        _database = database;
        _clock = clock;
        _logger = logger;
        _writing = Task.Run(WriteAsync);
    }

    /// <summary>Somebody has read something of the site.</summary>
    /// <param name="reader">The user, the link, or nobody: <c>""</c>.</param>
    /// <param name="path">What was read.</param>
    public void Note(string reader, SitePath path)
    {
        var (key, times) = ((reader, path), 1L);
        while (true)
        {
            var gathered = Volatile.Read(ref _gathered);
            if (!gathered.TryGetValue(key, out var counter))
            {
                key = gathered.Count < GatheredMax ? key : ("", SitePath.Root);
                counter = gathered.GetOrAdd(key, static _ => new());
            }

            // A counter below 0 has been written down already. One of a gathering that has just ended may or may not be seen by the writer: whoever closes it has its readings.
            if (Interlocked.Add(ref counter.Value, times) > 0
                && (ReferenceEquals(gathered, Volatile.Read(ref _gathered)) || (times = counter.Close()) < 0))
            {
                return;
            }
        }
    }

    /// <summary>Lists readings, the latest first.</summary>
    public async ValueTask<IReadOnlyList<Reading>> ReadAsync(long before, int count)
    {
        await FlushAsync().ConfigureAwait(false);
        return await _database.ReadAsync(session => session.ListAsync(
            row => new Reading(row.GetInt64(0), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(1)), row.GetString(2), row.GetString(3), row.GetInt64(4)),
            "SELECT id, at, reader, path, times FROM readings WHERE id < @p1 ORDER BY id DESC LIMIT @p2", before, (long)count)).ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _writing.ConfigureAwait(false);
        await FlushAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task WriteAsync()
    {
        using var timer = new PeriodicTimer(Interval, _clock);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false))
            {
                try
                {
                    await FlushAsync().ConfigureAwait(false);
                }
                catch (Microsoft.Data.Sqlite.SqliteException failure)
                {
                    LogFailure(failure);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async ValueTask FlushAsync()
    {
        if (_gathered.IsEmpty)
        {
            return;
        }

        var gathered = Interlocked.Exchange(ref _gathered, new());
        var readings = gathered.Select(entry => (entry.Key.Reader, entry.Key.Path, Times: entry.Value.Close())).Where(reading => reading.Times > 0).ToArray();
        var now = _clock.GetUtcNow().ToUnixTimeMilliseconds();
        await _database.WriteAsync(async session =>
        {
            foreach (var (reader, path, times) in readings)
            {
                await session.ExecuteAsync("INSERT INTO readings (at, reader, path, times) VALUES (@p1, @p2, @p3, @p4)", now, reader, path.Value, times).ConfigureAwait(false);
            }

            return await session.ExecuteAsync("DELETE FROM readings WHERE id <= (SELECT max(id) FROM readings) - @p1", (long)EntriesMax).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    [LoggerMessage(5100, LogLevel.Error, "Who has read what is not written down, until this works again.")]
    private partial void LogFailure(Exception failure);

    private sealed class Counter
    {
        private const long Closed = long.MinValue;

        public long Value;

        /// <summary>Takes what was counted, and counts no more.</summary>
        /// <returns>The number of readings; negative where somebody else has taken it.</returns>
        public long Close() => Interlocked.Exchange(ref Value, Closed);
    }
}

/// <summary>Somebody has read something, so many times within a second.</summary>
internal sealed record Reading(long Id, DateTimeOffset At, string Reader, string Path, long Times);
