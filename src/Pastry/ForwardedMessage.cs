namespace P2P.Pastry;

/// <summary>Is a message on its way, as the node sees it that is about to pass it on.</summary>
public record struct ForwardedMessage
{
    private readonly Wire.HeaderExtension? _extension;
    private Payload _payload;

    /// <summary>Takes over what a message says.</summary>
    internal ForwardedMessage(in Wire.Message message, NodeHandle? previousHop, NodeHandle? nextHop)
    {
        Key = message.Key;
        Hops = message.Hops;
        PreviousHop = previousHop;
        NextHop = nextHop;
        _payload = message.Payload;
        _extension = message.Extension;
    }

    /// <summary>Where it is routed to.</summary>
    public NodeId Key { get; init; }

    /// <summary>How many hops it has made; 0 at the node where it starts.</summary>
    public int Hops { get; init; }

    /// <summary>Where it came from on its last hop, or null at the node where it starts.</summary>
    public NodeHandle? PreviousHop { get; init; }

    /// <inheritdoc cref="RoutedMessage.Origin"/>
    public NodeHandle? Origin
    {
        readonly get => _extension?.Origin;
        init => _extension = value is null ? null : Wire.HeaderExtension.OfOrigin(value);
    }

    /// <summary>What it says. A handler may put another payload in its place.</summary>
    /// <exception cref="ArgumentException">The payload is longer than <see cref="Payload.LengthMax"/>.</exception>
    public Payload Payload
    {
        readonly get => _payload;
        set
        {
            value.ThrowIfTooLong(nameof(value));
            _payload = value;
        }
    }

    /// <summary>Where it goes next, or null where this node is the closest to the key. A handler may send it elsewhere.</summary>
    public NodeHandle? NextHop { get; set; }
}
