using System.Diagnostics;

namespace P2P.Scribe;

/// <summary>Names where SCRIBE reports what it does; docs/observability.md lists each instrument and span.</summary>
public static class ScribeTelemetry
{
    /// <summary>The meter of SCRIBE, for <c>AddMeter</c>.</summary>
    public const string MeterName = "P2P.Scribe";

    /// <summary>The source of SCRIBE's spans, for <c>AddSource</c>.</summary>
    public const string ActivitySourceName = "P2P.Scribe";

    /// <summary>What the names of instruments, spans and tags begin with.</summary>
    internal const string Prefix = "p2p.scribe.";

    /// <summary>Of <see cref="ActivitySourceName"/>.</summary>
    internal static ActivitySource Source { get; } = new(ActivitySourceName);
}
