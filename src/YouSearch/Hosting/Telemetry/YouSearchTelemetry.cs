using System.Diagnostics;

namespace P2P.YouSearch;

/// <summary>Names where peers that search and registrars report what they do; docs/observability.md lists each instrument and span.</summary>
public static class YouSearchTelemetry
{
    /// <summary>The meter, for <c>AddMeter</c>.</summary>
    public const string MeterName = "P2P.YouSearch";

    /// <summary>The source of spans, for <c>AddSource</c>.</summary>
    public const string ActivitySourceName = "P2P.YouSearch";

    /// <summary>What the names of instruments, spans and tags begin with.</summary>
    internal const string Prefix = "p2p.yousearch.";

    internal static ActivitySource Source { get; } = new(ActivitySourceName);
}
