namespace P2P.Pastry.Wire;

/// <summary>Names the acts of the protocol. The numbers are on the wire: they are never changed or used again.</summary>
internal enum MessageKind : byte
{
    /// <summary>An application's message on its way to the node closest to a key.</summary>
    Routed = 1,

    /// <summary>The next hop took custody of a routed message.</summary>
    Acknowledgement = 2,

    /// <summary>A newcomer's request, on its way to the node closest to the newcomer's id.</summary>
    JoinRequest = 3,

    /// <summary>The answer of the node closest to the newcomer.</summary>
    JoinReply = 4,

    /// <summary>A leaf set, asking for the receiver's in return.</summary>
    LeafSetProbe = 5,

    /// <summary>The leaf set that was asked for.</summary>
    LeafSetReply = 6,

    /// <summary>A heartbeat between ring neighbours that grants a lease.</summary>
    Lease = 8,

    /// <summary>Asks for a sign of life.</summary>
    Ping = 9,

    /// <summary>A sign of life.</summary>
    Pong = 10,

    /// <summary>Asks for a row of the routing table.</summary>
    RowRequest = 11,

    /// <summary>The row that was asked for.</summary>
    RowReply = 12,

    /// <summary>A node that has become ready shows its row to those in it.</summary>
    RowAnnouncement = 13,

    /// <summary>The sender leaves the ring.</summary>
    Departure = 14,

    /// <summary>An application's message to this very node.</summary>
    Direct = 15,

    /// <summary>An application has taken a routed message that asks for this word.</summary>
    Confirmation = 16,

    /// <summary>Like <see cref="Routed"/>, but delivered without waiting for leases. Nodes that do not know it pass it on.</summary>
    PromptlyRouted = MessageKinds.LaterRouted,
}

/// <summary>Says of kinds what does not have to be known of each.</summary>
internal static class MessageKinds
{
    /// <summary>
    /// From here on, kinds are routed like <see cref="MessageKind.Routed"/>, with the same header: a node that does not know one passes it on,
    /// so that a later release can route something new across nodes of this one.
    /// </summary>
    public const MessageKind LaterRouted = (MessageKind)0x80;

    /// <summary>Tells whether messages of a kind are applications' own on their way to a key.</summary>
    public static bool IsRoutedForApplication(this MessageKind kind) => kind is MessageKind.Routed or MessageKind.PromptlyRouted;

    /// <summary>Tells whether messages of a kind are routed by their key, hop by hop, and acknowledged by each.</summary>
    public static bool IsRouted(this MessageKind kind) => kind is MessageKind.Routed or MessageKind.JoinRequest or >= LaterRouted;
}
