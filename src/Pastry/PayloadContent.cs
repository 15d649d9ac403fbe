using System.Buffers;

namespace P2P.Pastry;

/// <summary>
/// Is the base of messages that travel as objects within a process, as in a simulation, and as bytes between processes.
/// Implementations are immutable.
/// </summary>
public abstract class PayloadContent
{
    /// <summary>
    /// The most bytes that <see cref="WriteTo"/> writes; default <see cref="Payload.LengthMax"/>. A message that waits counts so much against the
    /// budgets of its node (<see cref="PastryOptions.PendingBytesMax"/>, <see cref="PastryOptions.HeldBytesMax"/>): say less where it is less.
    /// It never changes.
    /// </summary>
    public virtual int EncodedLengthMax => Payload.LengthMax;

    /// <summary>Writes the message as the bytes that its reader understands.</summary>
    public abstract void WriteTo(IBufferWriter<byte> writer);
}
