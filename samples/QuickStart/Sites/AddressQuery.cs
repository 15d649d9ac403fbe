using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace QuickStart.Sites;

/// <summary>Asks a server of DNS for the IPv4 address of a name, as a resolver does: one datagram there, and one back.</summary>
internal static class AddressQuery
{
    private const int HeaderLength = 12;

    /// <summary>An answer's record: a pointer to the name (2 bytes), type, class, time to live, length, and the address.</summary>
    private const int RecordLength = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <exception cref="TimeoutException">The server does not answer.</exception>
    /// <exception cref="IOException">The server knows no such name.</exception>
    public static async Task<IPAddress> AskAsync(IPEndPoint server, string name, CancellationToken cancellationToken)
    {
        using var socket = new UdpClient(server.AddressFamily);
        socket.Connect(server);
        byte[] question = [.. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0, 0, 1, 0, 1];
        await socket.SendAsync((byte[])[0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0, .. question], cancellationToken);
        var answer = (await socket.ReceiveAsync(cancellationToken).AsTask().WaitAsync(Patience, cancellationToken)).Buffer;

        // An answer repeats the question; its records stand behind that.
        var first = HeaderLength + question.Length;
        return answer.Length >= first + RecordLength && BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(6)) > 0
            ? new IPAddress(answer.AsSpan(first + RecordLength - 4, 4))
            : throw new IOException($"The server of DNS knows no address of {name}.");
    }
}
