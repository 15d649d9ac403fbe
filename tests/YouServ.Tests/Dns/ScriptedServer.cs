using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace YouServ.Tests.Dns;

/// <summary>Answers updates as a test says, and signs with code of its own.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private const int MacLength = 32;

    // Number, error, and a length of zero stand behind the code at the end of a signed request.
    private const int BehindMac = 6;

    private readonly CancellationTokenSource _stopping = new();
    private readonly UdpClient _datagrams = new(new IPEndPoint(IPAddress.Loopback, 0));
    private readonly TcpListener _streams;
    private readonly Task _serving;

    private ScriptedServer(Func<byte[], byte[][]> onDatagram, Func<byte[], byte[]> onStream)
    {
        _streams = new TcpListener(Endpoint);
        _streams.Start();
        _serving = Task.WhenAll(ServeDatagramsAsync(onDatagram), ServeStreamsAsync(onStream));
    }

    public IPEndPoint Endpoint => (IPEndPoint)_datagrams.Client.LocalEndPoint!;

    /// <summary>The transports over which requests came, in their order.</summary>
    public List<string> Requests { get; } = [];

    public static ScriptedServer Start(Func<byte[], byte[][]> onDatagram, Func<byte[], byte[]> onStream)
    {
        while (true)
        {
            try
            {
                return new ScriptedServer(onDatagram, onStream);
            }
            catch (SocketException)
            {
                // The port is another's for connections.
            }
        }
    }

    public static byte[] Unsigned(byte[] request, int code) => [.. request[..2], 0xA8, (byte)code, .. new byte[8]];

    /// <summary>Answers with a signature of the key <c>youserv</c> by HMAC with SHA-256 (RFC 8945 §4.3 and §5.3).</summary>
    public static byte[] Signed(byte[] request, int code, byte[]? secret = null, int error = 0, TimeSpan age = default, byte[]? other = null)
    {
        var message = Unsigned(request, code);
        byte[] name = [7, .. "youserv"u8, 0];
        byte[] algorithm = [11, .. "hmac-sha256"u8, 0];
        var time = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(time, DateTimeOffset.UtcNow.Add(-age).ToUnixTimeSeconds());
        byte[] timeAndFudge = [.. time[2..], 300 >> 8, 300 & 0xFF];
        byte[] errorAndOther = [0, (byte)error, 0, (byte)(other?.Length ?? 0), .. other ?? []];
        var requestMac = request[^(MacLength + BehindMac)..^BehindMac];
        byte[] covered = [0, MacLength, .. requestMac, .. message, .. name, 0, 255, 0, 0, 0, 0, .. algorithm, .. timeAndFudge, .. errorAndOther];
        var mac = HMACSHA256.HashData(secret ?? Convert.FromBase64String(NameServer.Secret), covered);
        byte[] data = [.. algorithm, .. timeAndFudge, 0, MacLength, .. mac, .. request[..2], .. errorAndOther];
        byte[] signed = [.. message, .. name, 0, 250, 0, 255, 0, 0, 0, 0, 0, (byte)data.Length, .. data];
        signed[11] = 1;
        return signed;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _serving;
        _datagrams.Dispose();
        _streams.Dispose();
        _stopping.Dispose();
    }

    private async Task ServeDatagramsAsync(Func<byte[], byte[][]> answers)
    {
        try
        {
            while (true)
            {
                var request = await _datagrams.ReceiveAsync(_stopping.Token);
                Requests.Add("datagram");
                foreach (var answer in answers(request.Buffer))
                {
                    await _datagrams.SendAsync(answer, request.RemoteEndPoint);
                }
            }
        }
        catch (OperationCanceledException)
        {
        }
    }

    private async Task ServeStreamsAsync(Func<byte[], byte[]> answer)
    {
        try
        {
            while (true)
            {
                using var client = await _streams.AcceptTcpClientAsync(_stopping.Token);
                Requests.Add("stream");
                var head = new byte[2];
                await client.GetStream().ReadExactlyAsync(head, _stopping.Token);
                var request = new byte[BinaryPrimitives.ReadUInt16BigEndian(head)];
                await client.GetStream().ReadExactlyAsync(request, _stopping.Token);
                await client.GetStream().WriteAsync(TestQuery.Framed(answer(request)), _stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
        }
    }
}
