using System.Diagnostics;

namespace P2P.Pastry;

/// <summary>Names where nodes report what they do; docs/observability.md lists each instrument and span.</summary>
public static class PastryTelemetry
{
    /// <summary>The meter of nodes and transports, for <c>AddMeter</c>.</summary>
    public const string MeterName = "P2P.Pastry";

    /// <summary>The source of the spans of routed messages, for <c>AddSource</c>.</summary>
    public const string ActivitySourceName = "P2P.Pastry";

    /// <summary>What the names of instruments, spans and tags begin with.</summary>
    internal const string Prefix = "p2p.pastry.";

    internal static ActivitySource Source { get; } = new(ActivitySourceName);
}
