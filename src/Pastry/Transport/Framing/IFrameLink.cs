namespace P2P.Pastry.Transport.Framing;

/// <summary>Takes frames on their way to the nodes of one host.</summary>
internal interface IFrameLink
{
    /// <summary>Copies a frame into the link's queue: dropped if that is full, unreachable if the link takes no more.</summary>
    SendStatus Append(ushort source, ushort destination, ReadOnlySpan<byte> message, MessagePriority priority);
}
