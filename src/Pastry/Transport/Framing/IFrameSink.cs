using System.Diagnostics.CodeAnalysis;

namespace P2P.Pastry.Transport.Framing;

/// <summary>Knows the nodes that the indexes of one connection's frames stand for, and takes what arrives.</summary>
internal interface IFrameSink
{
    /// <summary>Gives the nodes at both ends, or false where an index is nobody's; such a frame is skipped.</summary>
    bool TryFind(ushort source, ushort destination, [NotNullWhen(true)] out NodeHandle? from, [NotNullWhen(true)] out LocalNode? to);

    /// <summary>Takes what the other host says about the connection itself.</summary>
    /// <exception cref="InvalidDataException">It breaks the protocol.</exception>
    void TakeControl(ReadOnlySpan<byte> message);

    /// <summary>Passes messages on; the batch is no longer the caller's.</summary>
    ValueTask DeliverAsync(LocalNode to, MessageBatch batch);
}
