namespace P2P.Pastry.Transport;

/// <summary>Tells what became of a message that was handed to a transport.</summary>
public enum SendStatus
{
    /// <summary>The message is on its way; nothing promises that it arrives.</summary>
    Accepted,

    /// <summary>The peer's queue is full; the message was dropped.</summary>
    Dropped,

    /// <summary>The transport is closing, or the peer can't be reached and is not tried again yet.</summary>
    Unreachable,
}
