using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace YouServ.Tests.Dns;

/// <summary>Makes queries byte by byte, and asks them over sockets.</summary>
internal static class TestQuery
{
    public const int A = 1;
    public const int Ns = 2;
    public const int Cname = 5;
    public const int Soa = 6;
    public const int Mx = 15;
    public const int Txt = 16;
    public const int Aaaa = 28;
    public const int Axfr = 252;
    public const int Any = 255;

    public const int NoError = 0;
    public const int FormatError = 1;
    public const int NameError = 3;
    public const int NotImplemented = 4;
    public const int Refused = 5;
    public const int BadVersion = 16;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Makes a query.</summary>
    /// <param name="name">The name, as it is to be written.</param>
    /// <param name="type">The type.</param>
    /// <param name="edns">The size that is said to be taken; null for none.</param>
    /// <param name="flags">Flags and opcode; default "recursion desired".</param>
    /// <param name="class">The class.</param>
    /// <param name="version">The version of EDNS.</param>
    /// <param name="id">The query's number.</param>
    public static byte[] Of(string name, int type, int? edns = null, int flags = 0x0100, int @class = 1, int version = 0, int id = 0x1234)
    {
        var bytes = new List<byte>();
        Add(id, flags, 1, 0, 0, edns is null ? 0 : 1);
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            bytes.Add((byte)label.Length);
            bytes.AddRange(Encoding.Latin1.GetBytes(label));
        }

        bytes.Add(0);
        Add(type, @class);
        if (edns is { } size)
        {
            // The second half of the flags says that DNSSEC is welcome.
            bytes.Add(0);
            Add(41, size, version, 0x8000, 0);
        }

        return [.. bytes];

        void Add(params int[] shorts) => bytes.AddRange(shorts.SelectMany(value => (byte[])[(byte)(value >> 8), (byte)value]));
    }

    public static async Task<TestMessage> AskAsync(IPEndPoint server, byte[] query)
    {
        using var client = new UdpClient(server.AddressFamily);
        client.Connect(server);
        await client.SendAsync(query);
        var received = await client.ReceiveAsync().WaitAsync(Patience);
        return TestMessage.Parse(received.Buffer);
    }

    public static Task<TestMessage> AskAsync(IPEndPoint server, string name, int type, int? edns = null) => AskAsync(server, Of(name, type, edns));

    public static async Task<TestMessage> AskOverStreamAsync(IPEndPoint server, byte[] query)
    {
        using var client = new TcpClient(server.AddressFamily);
        await client.ConnectAsync(server);
        await client.GetStream().WriteAsync(Framed(query));
        return (await ReadAsync(client.GetStream()))!;
    }

    public static byte[] Framed(byte[] query) => [(byte)(query.Length >> 8), (byte)query.Length, .. query];

    /// <summary>Reads the next answer of a connection; null where it has ended.</summary>
    public static async Task<TestMessage?> ReadAsync(Stream stream)
    {
        var head = new byte[2];
        if (await stream.ReadAtLeastAsync(head, 2, throwOnEndOfStream: false).AsTask().WaitAsync(Patience) < 2)
        {
            return null;
        }

        var answer = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
        await stream.ReadExactlyAsync(answer).AsTask().WaitAsync(Patience);
        return TestMessage.Parse(answer);
    }
}
