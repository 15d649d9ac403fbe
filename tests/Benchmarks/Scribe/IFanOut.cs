namespace Benchmarks.Scribe;

/// <summary>Is one publisher and so many receivers, in this process, with messages of 256 bytes.</summary>
internal interface IFanOut : IAsyncDisposable
{
    /// <summary>Publishes as much as the receivers take, and measures.</summary>
    Task<Flood> FloodAsync(TimeSpan duration);

    /// <summary>Publishes so many messages a second, and measures how long each is under way.</summary>
    Task<Pace> PaceAsync(int perSecond, TimeSpan duration);
}

/// <summary>Holds what was measured while a publisher was never idle. A delivery is one message at one receiver.</summary>
internal readonly record struct Flood(double DeliveriesPerSecond, double CpuMicroseconds, double AllocatedBytes, double MessagesPerBatch);

/// <summary>Holds how long messages were under way, over all receivers.</summary>
internal readonly record struct Pace(double P50Milliseconds, double P99Milliseconds, double MaxMilliseconds, int Samples);
