using System.Diagnostics;

namespace P2P.Pastry;

/// <summary>Is a message that has arrived at the node closest to its key.</summary>
public readonly record struct RoutedMessage
{
    private readonly Wire.HeaderExtension? _extension;

    /// <summary>Takes over what a message says.</summary>
    internal RoutedMessage(in Wire.Message message)
    {
        Key = message.Key;
        Hops = message.Hops;
        Payload = message.Payload;
        _extension = message.Extension;
    }

    /// <summary>Where it was routed to.</summary>
    public NodeId Key { get; init; }

    /// <summary>How many hops it made.</summary>
    public int Hops { get; init; }

    /// <summary>What it says; valid during the call.</summary>
    public Payload Payload { get; init; }

    /// <summary>
    /// Where it says to come from, or null where it does not say (see <see cref="RouteOptions.WithOrigin"/>). A claim that nobody has proven:
    /// what is sent to that node reaches that node and no other, but it may not have asked.
    /// </summary>
    public NodeHandle? Origin
    {
        get => _extension?.Origin;
        init => _extension = value is null ? null : Wire.HeaderExtension.OfOrigin(value);
    }

    /// <summary>
    /// The place in a trace that the message came from, the span of its last hop, to be the parent of what its receiver does; default where
    /// nobody traces it. Anybody can claim one, so whoever makes spans of it bounds how many.
    /// </summary>
    public ActivityContext TraceContext => _extension?.Trace is { IsSampled: true } trace ? trace.ToActivityContext() : default;
}
