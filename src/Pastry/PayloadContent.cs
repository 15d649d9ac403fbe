using System.Buffers;

namespace P2P.Pastry;

/// <summary>
/// Is the base of messages that travel as objects within a process, as in a simulation, and as bytes between processes.
/// Implementations are immutable.
/// </summary>
public abstract class PayloadContent
{
    /// <summary>About how many bytes of memory the object takes.</summary>
    internal virtual int Weight => 256;

    /// <summary>Writes the message as the bytes that its reader understands.</summary>
    public abstract void WriteTo(IBufferWriter<byte> writer);
}
