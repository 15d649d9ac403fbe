namespace P2P.Scribe;

/// <summary>Names where SCRIBE reports what it does; docs/observability.md lists each instrument.</summary>
public static class ScribeTelemetry
{
    /// <summary>The meter of SCRIBE, for <c>AddMeter</c>.</summary>
    public const string MeterName = "P2P.Scribe";

    /// <summary>What the names of instruments begin with.</summary>
    internal const string Prefix = "p2p.scribe.";
}
