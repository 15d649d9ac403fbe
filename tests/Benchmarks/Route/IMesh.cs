namespace Benchmarks.Route;

/// <summary>Is a set of nodes in this process that pass messages on, each keeping a window of them under way.</summary>
internal interface IMesh : IAsyncDisposable
{
    /// <summary>Lets all nodes keep this many messages under way for a while, and measures.</summary>
    Task<Measurement> RunAsync(int window, TimeSpan duration);
}

/// <summary>Holds what was measured in one run.</summary>
internal sealed record Measurement(
    double MessagesPerSecond,
    double MeanHops,
    double P50Microseconds,
    double P99Microseconds,
    double BytesPerForward,
    double CpuMicrosecondsPerMessage);
