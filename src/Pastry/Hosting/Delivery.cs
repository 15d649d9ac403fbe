using System.Diagnostics;

namespace P2P.Pastry;

/// <summary>Tells how a message reached an endpoint.</summary>
public enum DeliveryKind
{
    /// <summary>It was routed to a key, to which this node is the closest.</summary>
    Routed,

    /// <summary>It was sent to this very node.</summary>
    Direct,
}

/// <summary>Is a message that arrived for an endpoint.</summary>
public readonly record struct Delivery
{
    /// <summary>How it came.</summary>
    public DeliveryKind Kind { get; init; }

    /// <summary>The key that it was routed to; this node's id where it was sent directly.</summary>
    public NodeId Key { get; init; }

    /// <summary>Who sent it directly, proven by the transport; null where it was routed.</summary>
    public NodeHandle? From { get; init; }

    /// <summary>
    /// Where a routed message says to come from; null where it does not say (see <see cref="RouteOptions.WithOrigin"/>), and where it was sent
    /// directly. A claim that nobody has proven: answer it, but do not trust it.
    /// </summary>
    public NodeHandle? Origin { get; init; }

    /// <summary>How many hops it made.</summary>
    public int Hops { get; init; }

    /// <inheritdoc cref="RoutedMessage.TraceContext"/>
    public ActivityContext TraceContext { get; init; }

    /// <summary>What it says.</summary>
    public ReadOnlyMemory<byte> Payload { get; init; }
}
