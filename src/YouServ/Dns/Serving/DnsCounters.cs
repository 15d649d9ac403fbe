namespace P2P.YouServ.Dns;

/// <summary>Counts what a loop or the connections of a server do; each loop has its own, so that counting costs nothing.</summary>
internal sealed class DnsCounters
{
    private long _queries;
    private long _limited;

    public long Queries => Volatile.Read(ref _queries);

    /// <summary>Queries that were not answered, or only with the request to come back over a connection.</summary>
    public long Limited => Volatile.Read(ref _limited);

    /// <summary>Counts from one thread only.</summary>
    public void Count(bool isLimited)
    {
        Volatile.Write(ref _queries, _queries + 1);
        if (isLimited)
        {
            Volatile.Write(ref _limited, _limited + 1);
        }
    }

    /// <summary>Counts from any thread.</summary>
    public void CountShared() => Interlocked.Increment(ref _queries);
}
