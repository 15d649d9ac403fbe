using System.Diagnostics;

namespace NodeSample.Telemetry;

/// <summary>Makes the spans under which those of the family hang: one for each put, get and reclaim.</summary>
internal static class NodeTelemetry
{
    public const string ActivitySourceName = "P2P.Node";

    public static ActivitySource Source { get; } = new(ActivitySourceName);
}
