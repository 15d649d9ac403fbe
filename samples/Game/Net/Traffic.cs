namespace Game.Net;

/// <summary>Counts what the players of a process say and hear, and how old it is by then. Safe for concurrent use, and cheap: a few additions a message.</summary>
internal sealed class Traffic
{
    /// <summary>Ages are counted in tenths of a millisecond, up to five seconds; what is older counts as that.</summary>
    private const int BucketsMax = 50_000;

    private const double BucketsPerSecond = 10_000;

    private readonly int[] _ages = new int[BucketsMax];
    private long _said;
    private long _heard;
    private long _unsaid;
    private long _entered;

    public long Said => Interlocked.Read(ref _said);

    public long Heard => Interlocked.Read(ref _heard);

    /// <summary>How often a player could not say how it flies, since it was not a member of its area's group yet.</summary>
    public long Unsaid => Interlocked.Read(ref _unsaid);

    /// <summary>How many areas have come to be of interest, whose groups were joined.</summary>
    public long Entered => Interlocked.Read(ref _entered);

    /// <summary>How many updates have been heard whose age is known.</summary>
    public long Updates => _ages.Sum(static count => (long)count);

    public void CountSaid() => Interlocked.Increment(ref _said);

    public void CountHeard() => Interlocked.Increment(ref _heard);

    public void CountEntered() => Interlocked.Increment(ref _entered);

    public void CountUnsaid() => Interlocked.Increment(ref _unsaid);

    /// <summary>An update of a player of this process has become a part of what another one's page is drawn from.</summary>
    public void CountUpdate(double ageSeconds) => Interlocked.Increment(ref _ages[(int)Math.Clamp(ageSeconds * BucketsPerSecond, 0, BucketsMax - 1)]);

    /// <summary>Begins to count anew.</summary>
    public void Clear()
    {
        Array.Clear(_ages);
        Interlocked.Exchange(ref _said, 0);
        Interlocked.Exchange(ref _heard, 0);
        Interlocked.Exchange(ref _unsaid, 0);
        Interlocked.Exchange(ref _entered, 0);
    }

    /// <summary>Gives the age in milliseconds that a part of all updates does not exceed.</summary>
    public double AgeMs(double part)
    {
        var left = Updates * part;
        for (var i = 0; i < BucketsMax; i++)
        {
            left -= _ages[i];
            if (left <= 0)
            {
                return (i + 1) * 1000 / BucketsPerSecond;
            }
        }

        return 0;
    }
}
