namespace P2P.YouServ.Dns;

/// <summary>
/// Bounds the answers to each network, since datagrams may name a victim as their sender. A network has a rate, and may get the answers of a second at once.
/// </summary>
/// <remarks>
/// Each network has its place in a table of fixed size by a hash that differs from process to process; networks that share a place share its rate. The place holds the time
/// at which all of its answers would be paid for (the generic cell rate algorithm). Safe for any number of threads.
/// </remarks>
internal sealed class ResponseRateLimiter
{
    private const int Places = 1 << 16;

    private readonly long[] _paidAt = new long[Places];
    private readonly TimeProvider _time;
    private readonly long _burst;
    private readonly long _interval;

    /// <summary>Makes a limiter.</summary>
    /// <param name="answersPerSecond">How many answers a network gets.</param>
    /// <param name="time">The clock.</param>
    public ResponseRateLimiter(int answersPerSecond, TimeProvider time)
    {
        _time = time;
        _burst = time.TimestampFrequency;
        _interval = Math.Max(1, time.TimestampFrequency / answersPerSecond);

        // A clock that starts below zero would leave every place in debt.
        Array.Fill(_paidAt, long.MinValue);
    }

    /// <summary>Counts an answer to a network.</summary>
    /// <returns>Whether it may be given.</returns>
    public bool Allows(ClientNetwork network)
    {
        var now = _time.GetTimestamp();
        ref var place = ref _paidAt[PlaceOf(network)];
        while (true)
        {
            var paidAt = Volatile.Read(ref place);
            var next = Math.Max(paidAt, now) + _interval;
            if (next - now > _burst)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref place, next, paidAt) == paidAt)
            {
                return true;
            }
        }
    }

    private static int PlaceOf(ClientNetwork network) => HashCode.Combine(network.Prefix, network.IsV6) & (Places - 1);
}
