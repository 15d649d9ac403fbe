using System.Diagnostics;

namespace P2P.YouServ;

/// <summary>Names where coordinators, peers and servers of DNS report what they do; docs/observability.md lists each instrument and span.</summary>
public static class YouServTelemetry
{
    /// <summary>The meter, for <c>AddMeter</c>.</summary>
    public const string MeterName = "P2P.YouServ";

    /// <summary>The source of spans, for <c>AddSource</c>.</summary>
    public const string ActivitySourceName = "P2P.YouServ";

    /// <summary>What the names of instruments, spans and tags begin with.</summary>
    internal const string Prefix = "p2p.youserv.";

    internal static ActivitySource Source { get; } = new(ActivitySourceName);
}
