using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace P2P.YouServ.Dns;

/// <summary>Brings a signed message to a server, and waits for what it says.</summary>
internal sealed class UpdateExchange(EndPoint server, byte[] message, Func<ReadOnlyMemory<byte>, UpdateAnswer?> read)
{
    /// <summary>Asks by datagram. Whatever is no answer, or one whose signature is wrong, is passed over: anybody may send it.</summary>
    public async Task<UpdateAnswer?> AskByDatagramAsync(CancellationToken cancellationToken)
    {
        // Connected, so that the system takes nothing from others; each request has a port of its own, which a forger must guess as well.
        using var socket = new Socket(SocketType.Dgram, ProtocolType.Udp);
        await socket.ConnectAsync(server, cancellationToken).ConfigureAwait(false);
        await socket.SendAsync(message, cancellationToken).ConfigureAwait(false);
        var room = new byte[ushort.MaxValue];
        while (true)
        {
            var length = await socket.ReceiveAsync(room, cancellationToken).ConfigureAwait(false);
            if (read(room.AsMemory(0, length)) is { IsForged: false } answer)
            {
                return answer;
            }
        }
    }

    /// <summary>Asks over a connection.</summary>
    /// <returns>Null where the answer is none that counts.</returns>
    public async Task<UpdateAnswer?> AskOverStreamAsync(CancellationToken cancellationToken)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(server, cancellationToken).ConfigureAwait(false);
        using var stream = new NetworkStream(socket);
        await stream.WriteAsync((byte[])[(byte)(message.Length >> 8), (byte)message.Length, .. message], cancellationToken).ConfigureAwait(false);
        var head = new byte[2];
        await stream.ReadExactlyAsync(head, cancellationToken).ConfigureAwait(false);
        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
        await stream.ReadExactlyAsync(answer, cancellationToken).ConfigureAwait(false);
        return read(answer) is { IsForged: false } counting ? counting : null;
    }
}
