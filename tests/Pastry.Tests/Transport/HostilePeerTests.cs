using System.Net.Sockets;
using System.Security.Cryptography;
using MessagePack;
using P2P.Pastry.Transport;
using P2P.Pastry.Transport.Framing;
using P2P.Pastry.Transport.Tcp;

namespace P2P.Pastry.Tests.Transport;

/// <summary>What strangers may try; each time the host counts it, drops them, and goes on serving others.</summary>
public sealed class HostilePeerTests : IAsyncLifetime, IDisposable
{
    private readonly MeterRecorder _meters = new();
    private readonly HostileHost _hostile = new();
    private TestHost _victim = null!;
    private TestHost _friend = null!;

    public async Task InitializeAsync()
    {
        _victim = await TcpTestHost.StartAsync(options => options.MeterFactory = _meters);
        _friend = await TcpTestHost.StartAsync();
    }

    public async Task DisposeAsync()
    {
        // Whatever happened, the victim still serves.
        await _friend.GreetAsync(_victim);
        await _victim.GreetAsync(_friend);
        await _friend.DisposeAsync();
        await _victim.DisposeAsync();
    }

    public void Dispose()
    {
        _hostile.Dispose();
        _meters.Dispose();
    }

    [Fact]
    public async Task Random_bytes_are_no_handshake()
    {
        for (var i = 0; i < 10; i++)
        {
            var socket = await _hostile.ConnectAsync(_victim);
            await socket.SendAsync(RandomNumberGenerator.GetBytes(10_000));
            await ClosedAsync(socket);
        }
    }

    [Fact]
    public async Task A_frame_of_a_false_length_ends_the_connection()
    {
        var (channel, answer) = await _hostile.GreetAsync(_victim, new HelloNode(0, _hostile.Delegate()));
        Assert.Equal(Verdict.Accepted, answer.Verdict);
        await channel.Stream.WriteAsync(new byte[] { 0xff, 0xff, 0xff, 0x7f, 0, 0, 0, 0 });
        await _meters.CountsAsync("protocol_violations");
        Assert.Equal((_hostile.Handle, PeerDownReason.ConnectionLost), await _victim.Seen.NextDownAsync());
    }

    [Fact]
    public async Task A_control_message_of_rubbish_ends_the_connection()
    {
        var (channel, _) = await _hostile.GreetAsync(_victim, new HelloNode(0, _hostile.Delegate()));
        var frame = new byte[FrameFormat.HeaderLength + 100];
        FrameFormat.Write(frame, FrameFormat.Host, FrameFormat.Host, Nested(100));
        await channel.Stream.WriteAsync(frame);
        await _meters.CountsAsync("protocol_violations");
    }

    [Fact]
    public async Task A_delegation_that_is_added_later_is_verified_too()
    {
        var (channel, _) = await _hostile.GreetAsync(_victim);
        var stolen = new ControlMessage(ControlKind.NodeAdded, 0, _hostile.Delegate(host: default(Fingerprint))).ToBytes();
        var frame = new byte[FrameFormat.HeaderLength + stolen.Length];
        FrameFormat.Write(frame, FrameFormat.Host, FrameFormat.Host, stolen);
        await channel.Stream.WriteAsync(frame);
        await _meters.CountsAsync("protocol_violations");
    }

    [Fact]
    public async Task An_index_names_one_node_until_it_is_taken_back()
    {
        using var other = SigningKey.Create();
        var (channel, _) = await _hostile.GreetAsync(_victim, new HelloNode(0, _hostile.Delegate()));
        var second = new NodeHandle(other.PublicKey.NodeId, 1, _hostile.Handle.Addresses, _hostile.Identity.Id.FailureDomain);
        var added = new ControlMessage(ControlKind.NodeAdded, 0, Delegation.Sign(other, _hostile.Identity.Id, "default", DateTimeOffset.UtcNow + TimeSpan.FromHours(1), second).Statement).ToBytes();
        var frame = new byte[FrameFormat.HeaderLength + added.Length];
        FrameFormat.Write(frame, FrameFormat.Host, FrameFormat.Host, added);
        await channel.Stream.WriteAsync(frame);
        await _meters.CountsAsync("protocol_violations");
    }

    [Fact]
    public async Task Nobody_speaks_for_a_node_it_has_not_proven()
    {
        var (channel, _) = await _hostile.GreetAsync(_victim, new HelloNode(3, _hostile.Delegate()));
        var frames = new byte[2 * (FrameFormat.HeaderLength + 1)];
        FrameFormat.Write(frames, 0, 0, [1]);
        FrameFormat.Write(frames.AsSpan(FrameFormat.HeaderLength + 1), 3, 0, [2]);
        await channel.Stream.WriteAsync(frames);
        var arrival = await _victim.Seen.NextAsync();
        Assert.Equal((_hostile.Handle, (byte)2), (arrival.From, arrival.Bytes[0]));
        Assert.Equal(1, _meters.Sum("frames_dropped/unproven_source"));
    }

    [Fact]
    public async Task A_message_for_a_node_that_is_not_here_is_dropped()
    {
        var (channel, _) = await _hostile.GreetAsync(_victim, new HelloNode(0, _hostile.Delegate()));
        var frame = new byte[FrameFormat.HeaderLength];
        FrameFormat.Write(frame, 0, 9, []);
        await channel.Stream.WriteAsync(frame);
        await _meters.CountsAsync("frames_dropped/unknown_destination");
    }

    [Fact]
    public async Task A_delegation_for_another_host_key_is_refused() =>
        await RefusedAsync(new HelloNode(0, _hostile.Delegate(host: Fingerprint.Of("another"u8))));

    [Fact]
    public async Task A_delegation_for_another_ring_is_refused() =>
        await RefusedAsync(new HelloNode(0, _hostile.Delegate(ring: "another")));

    [Fact]
    public async Task An_expired_delegation_is_refused() =>
        await RefusedAsync(new HelloNode(0, _hostile.Delegate(lifetime: TimeSpan.FromHours(-2))));

    [Fact]
    public async Task A_delegation_by_another_key_than_the_nodes_is_refused() =>
        await RefusedAsync(new HelloNode(0, _hostile.Delegate(node: _friend.Handle)));

    [Fact]
    public async Task A_forged_delegation_is_refused()
    {
        var genuine = _hostile.Delegate();
        await RefusedAsync(new HelloNode(0, genuine with { Signature = [.. RandomNumberGenerator.GetBytes(SigningKey.SignatureLength)] }));
    }

    [Fact]
    public async Task A_hello_that_is_too_long_is_refused()
    {
        var channel = await _hostile.DialAsync(_victim);
        await channel.Stream.WriteAsync(new byte[] { 0, 0, 0, 0x10, 1, 2, 3 });
        await _meters.CountsAsync("handshakes_refused/malformed");
    }

    [Fact]
    public async Task A_hello_nested_without_end_is_refused()
    {
        var channel = await _hostile.DialAsync(_victim);
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(7);
        for (var i = 0; i < 3; i++)
        {
            writer.Write(1);
        }

        writer.Write("default");
        writer.Write(1UL);
        writer.WriteRaw(Nested(60_000));
        writer.Flush();
        await channel.WriteBlockAsync(buffer.WrittenMemory, CancellationToken.None);
        await _meters.CountsAsync("handshakes_refused/malformed");
    }

    [Fact]
    public async Task A_statement_nested_without_end_is_refused()
    {
        var channel = await _hostile.DialAsync(_victim);
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(6);
        for (var i = 0; i < 3; i++)
        {
            writer.Write(1);
        }

        writer.Write("default");
        writer.Write(1UL);
        writer.WriteArrayHeader(2);
        writer.Write(0);
        writer.WriteArrayHeader(4);
        writer.Write(new byte[91]);
        writer.Write(Array.Empty<byte>());
        writer.Write(new byte[64]);
        // An unknown field, which is skipped.
        writer.WriteRaw(Nested(60_000));
        writer.Flush();
        await channel.WriteBlockAsync(buffer.WrittenMemory, CancellationToken.None);
        await ClosedAsync(channel);
    }

    [Fact]
    public async Task A_stream_is_refused_to_who_proves_nothing()
    {
        var channel = await _hostile.DialAsync(_victim, Plane.Stream);
        var request = new StreamRequest(new VersionRange(1, 1), "default", _hostile.Delegate(host: default(Fingerprint)), _victim.Handle.Id, new PastryApplicationId(1));
        await channel.WriteBlockAsync(request.ToBytes(), CancellationToken.None);
        Assert.Equal(Verdict.Identity, StreamAnswer.Read(await channel.ReadBlockAsync(1000, CancellationToken.None)).Verdict);
        await _meters.CountsAsync("handshakes_refused/identity");
    }

    [Fact]
    public void Random_bytes_are_no_message_of_any_kind()
    {
        var random = new Random(5);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(60)];
            random.NextBytes(bytes);
            // Half of them begin like an array, which gets further.
            if (bytes.Length > 0 && i % 2 == 0)
            {
                bytes[0] = (byte)(0x90 | random.Next(8));
            }

            OnlyInvalidData(() => Hello.Read(bytes));
            OnlyInvalidData(() => ControlMessage.Read(bytes));
            OnlyInvalidData(() => StreamRequest.Read(bytes));
            OnlyInvalidData(() => StreamAnswer.Read(bytes));
            OnlyInvalidData(() => Delegation.Read(new SignedStatement(_hostile.Key.PublicKey, [.. bytes], [])));
        }
    }

    private static void OnlyInvalidData(Func<object> read)
    {
        try
        {
            read();
        }
        catch (InvalidDataException)
        {
        }
    }

    private async Task RefusedAsync(HelloNode node)
    {
        var (channel, answer) = await _hostile.GreetAsync(_victim, node);
        Assert.Equal(Verdict.Identity, answer.Verdict);
        Assert.Empty(answer.Nodes);
        await _meters.CountsAsync("handshakes_refused/identity");
        await ClosedAsync(channel);
    }

    private static byte[] Nested(int depth) => Enumerable.Repeat((byte)0x91, depth).ToArray();

    private static async Task ClosedAsync(Socket socket)
    {
        var buffer = new byte[1000];
        try
        {
            while (await socket.ReceiveAsync(buffer).WaitAsync(Patience.Long) > 0)
            {
            }
        }
        catch (SocketException)
        {
            // A reset is an end as well.
        }
    }

    private static async Task ClosedAsync(SecureChannel channel)
    {
        try
        {
            while (await channel.Stream.ReadAsync(new byte[1000]).AsTask().WaitAsync(Patience.Long) > 0)
            {
            }
        }
        catch (IOException)
        {
            // A reset is an end as well.
        }
    }
}
