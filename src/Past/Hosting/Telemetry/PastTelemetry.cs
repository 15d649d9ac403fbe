using System.Diagnostics;

namespace P2P.Past;

/// <summary>Names where PAST reports what it does; docs/observability.md lists each instrument and span.</summary>
public static class PastTelemetry
{
    /// <summary>The meter of PAST, for <c>AddMeter</c>.</summary>
    public const string MeterName = "P2P.Past";

    /// <summary>The source of PAST's spans, for <c>AddSource</c>.</summary>
    public const string ActivitySourceName = "P2P.Past";

    /// <summary>What the names of instruments, spans and tags begin with.</summary>
    internal const string Prefix = "p2p.past.";

    private static readonly ActivitySource Source = new(ActivitySourceName);

    /// <summary>Begins the span of what a user asks for; null where nobody wants it.</summary>
    /// <param name="act">What is done, such as <c>insert</c>.</param>
    internal static Activity? Begin(string act) => Source.StartActivity(Prefix + act, ActivityKind.Client);
}
