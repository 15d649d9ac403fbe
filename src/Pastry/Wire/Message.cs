namespace P2P.Pastry.Wire;

/// <summary>
/// Is one message between two nodes: the fields of the fixed header, and what stands behind it.
/// </summary>
internal readonly record struct Message
{
    /// <summary>What the message does.</summary>
    public MessageKind Kind { get; init; }

    /// <summary>How many hops it has made.</summary>
    public byte Hops { get; init; }

    /// <summary>The number that an answer to this very hop repeats.</summary>
    public uint Sequence { get; init; }

    /// <summary>The application that it is for; only of routed and direct messages.</summary>
    public PastryApplicationId Application { get; init; }

    /// <summary>Where it is routed to.</summary>
    public NodeId Key { get; init; }

    /// <summary>What it carries.</summary>
    public Payload Payload { get; init; }

    /// <summary>What else stands in the header of a routed message, or null.</summary>
    public HeaderExtension? Extension { get; init; }

    /// <summary>Tells whether the message is routed by its key, hop by hop, and acknowledged by each.</summary>
    public bool IsRouted => Kind.IsRouted();

    /// <summary>Tells whether the message is an application's, or nobody knows whose; all others keep the ring together.</summary>
    public bool IsOfApplication => Kind is MessageKind.Routed or MessageKind.Direct or >= MessageKinds.LaterRouted;

    /// <summary>How many bytes a message that is kept counts for: its payload, and what its sender chose to put into the header.</summary>
    public int Weight => Payload.LengthAtMost + (Extension?.Bytes.Length ?? 0);

    /// <summary>Makes a message of the protocol itself.</summary>
    public static Message Control(MessageKind kind, uint sequence = 0, ControlBody? body = null) =>
        new() { Kind = kind, Sequence = sequence, Payload = body is null ? default : Payload.FromContent(body) };
}
