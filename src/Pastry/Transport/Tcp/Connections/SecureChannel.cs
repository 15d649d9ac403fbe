using System.Buffers.Binary;
using System.Net.Security;
using System.Net.Sockets;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Is a TCP connection with TLS on it, whose far end has proven to hold the key of a host.</summary>
/// <param name="socket">The connection.</param>
/// <param name="stream">TLS over it.</param>
/// <param name="plane">What it is for.</param>
/// <param name="host">The far end.</param>
/// <param name="initiatedHere">Whether this end dialled.</param>
internal sealed class SecureChannel(Socket socket, SslStream stream, Plane plane, Fingerprint host, bool initiatedHere) : IDisposable
{
    public SslStream Stream { get; } = stream;

    public Plane Plane { get; } = plane;

    public Fingerprint Host { get; } = host;

    public bool InitiatedHere { get; } = initiatedHere;

    /// <summary>Writes a block that tells its own length.</summary>
    public async Task WriteBlockAsync(ReadOnlyMemory<byte> block, CancellationToken cancellationToken)
    {
        var bytes = new byte[4 + block.Length];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, (uint)block.Length);
        block.CopyTo(bytes.AsMemory(4));
        await Stream.WriteAsync(bytes, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads a block that tells its own length.</summary>
    /// <exception cref="InvalidDataException">It claims to be longer than <paramref name="maxLength"/>.</exception>
    /// <exception cref="EndOfStreamException">The other end closed the connection instead.</exception>
    public async Task<byte[]> ReadBlockAsync(int maxLength, CancellationToken cancellationToken)
    {
        var prefix = new byte[4];
        await Stream.ReadExactlyAsync(prefix, cancellationToken).ConfigureAwait(false);
        var length = BinaryPrimitives.ReadUInt32LittleEndian(prefix);
        if (length > maxLength)
        {
            throw new InvalidDataException($"A block claims {length} bytes; {maxLength} are allowed.");
        }

        var block = new byte[length];
        await Stream.ReadExactlyAsync(block, cancellationToken).ConfigureAwait(false);
        return block;
    }

    /// <summary>Lets the other end read to the end of what was written.</summary>
    public void EndOutput()
    {
        try
        {
            socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It is gone already, which the reader notices.
        }
    }

    /// <summary>Closes the connection at once; pending reads and writes fail.</summary>
    public void Dispose()
    {
        // The socket first: disposing TLS while a read is pending would wait for it.
        socket.Dispose();
        Stream.Dispose();
    }
}
