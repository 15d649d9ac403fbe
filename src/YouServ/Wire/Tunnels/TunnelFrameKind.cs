namespace P2P.YouServ.Wire;

/// <summary>What a frame in a tunnel is for. The numbers are on the wire and never change.</summary>
internal enum TunnelFrameKind : byte
{
    /// <summary>The proxy opens a lane for a visitor's connection; the body is where the visitor comes from.</summary>
    Open = 1,

    /// <summary>Bytes of a lane.</summary>
    Data = 2,

    /// <summary>Credit for more bytes of a lane, in the place of a length; no body.</summary>
    Credit = 3,

    /// <summary>No more bytes come on a lane from this end.</summary>
    End = 4,

    /// <summary>A lane is given up, both ways.</summary>
    Reset = 5,

    /// <summary>Asks for a <see cref="Pong"/>, to see whether the other end lives.</summary>
    Ping = 6,

    /// <summary>Answers a <see cref="Ping"/>.</summary>
    Pong = 7,

    /// <summary>No lanes are opened any more; those that are open go on to their end.</summary>
    Leave = 8,
}
