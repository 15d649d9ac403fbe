namespace P2P.Past;

/// <summary>Names where PAST reports what it does; docs/observability.md lists each instrument.</summary>
public static class PastTelemetry
{
    /// <summary>The meter of PAST, for <c>AddMeter</c>.</summary>
    public const string MeterName = "P2P.Past";

    /// <summary>What the names of instruments begin with.</summary>
    internal const string Prefix = "p2p.past.";
}
