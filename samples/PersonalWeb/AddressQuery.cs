using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PersonalWeb;

/// <summary>Asks a server of DNS for the IPv4 addresses of a name, as a resolver does: one datagram there, and one back.</summary>
internal static class AddressQuery
{
    private const int TypeA = 1;
    private const int ClassInternet = 1;

    public static async Task<IReadOnlyList<IPAddress>> AskAsync(IPEndPoint server, string name, CancellationToken cancellationToken)
    {
        using var socket = new UdpClient(server.AddressFamily);
        socket.Connect(server);
        byte[] question = [.. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. Encoding.ASCII.GetBytes(label)]), 0, 0, TypeA, 0, ClassInternet];
        await socket.SendAsync((byte[])[0x12, 0x34, 0x01, 0x00, 0, 1, 0, 0, 0, 0, 0, 0, .. question], cancellationToken);
        var answer = (await socket.ReceiveAsync(cancellationToken)).Buffer;

        // An answer repeats the question; behind it stand records, each with a pointer to the name (2 bytes), type, class, time to live, length, and the address.
        var count = BinaryPrimitives.ReadUInt16BigEndian(answer.AsSpan(6));
        return [.. Enumerable.Range(0, count).Select(index => new IPAddress(answer.AsSpan(12 + question.Length + (index * 16) + 12, 4)))];
    }
}
