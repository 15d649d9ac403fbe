namespace P2P.YouServ.Storage;

/// <summary>
/// Tells the time of a database, so that all who share it agree. Between looks at the database it goes on by the monotonic clock: no wrong clock of this machine, nor one that
/// is set right, moves leases.
/// </summary>
internal sealed class DatabaseClock : TimeProvider
{
    /// <summary>How long the monotonic clock is trusted; crystals are off by seconds a day.</summary>
    private static readonly TimeSpan Trusted = TimeSpan.FromSeconds(10);

    private volatile Reading? _reading;

    /// <inheritdoc/>
    /// <remarks>Before the first look, the system's time.</remarks>
    public override DateTimeOffset GetUtcNow() => _reading is { } reading ? reading.Moment + System.GetElapsedTime(reading.Timestamp) : System.GetUtcNow();

    /// <summary>Looks at the database, if the last look is long ago.</summary>
    /// <param name="session">A connection that is open already.</param>
    public async ValueTask FollowAsync(SqlSession session)
    {
        if (_reading is { } last && System.GetElapsedTime(last.Timestamp) < Trusted)
        {
            return;
        }

        var moment = await session.ScalarAsync<DateTime>("SELECT clock_timestamp()").ConfigureAwait(false);
        _reading = new(new DateTimeOffset(moment.ToUniversalTime(), TimeSpan.Zero), System.GetTimestamp());
    }

    private sealed record Reading(DateTimeOffset Moment, long Timestamp);
}
