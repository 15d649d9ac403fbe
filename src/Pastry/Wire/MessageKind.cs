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
}
