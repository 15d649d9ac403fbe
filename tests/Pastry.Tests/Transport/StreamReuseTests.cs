using P2P.Pastry.Transport;
using P2P.Pastry.Transport.Tcp;

namespace P2P.Pastry.Tests.Transport;

/// <summary>A stream that has ended well leaves its connection to the next one.</summary>
public sealed class StreamReuseTests
{
    private static readonly PastryApplicationId Application = PastryApplicationId.FromName("test");

    [Fact]
    public async Task A_second_stream_needs_no_second_handshake()
    {
        var clock = TcpTestHost.ClockAt(TimeSpan.Zero);
        using var meters = new MeterRecorder();
        await using var a = await TcpTestHost.StartAsync(options => (options.Time, options.MeterFactory) = (clock, meters));

        // The clock stands still: a second handshake would be one too many for ever.
        await using var b = await TcpTestHost.StartAsync(options => (options.Time, options.HandshakesPerAddressAndSecond) = (clock, 1));
        for (var stream = 0; stream < 3; stream++)
        {
            await ExchangeAsync(a, b);
            await meters.StandsAtAsync("streams", 0);
        }
    }

    [Fact]
    public async Task A_stream_that_was_cut_off_leaves_nothing()
    {
        var clock = TcpTestHost.ClockAt(TimeSpan.Zero);
        using var meters = new MeterRecorder();
        await using var a = await TcpTestHost.StartAsync(options => (options.Time, options.MeterFactory) = (clock, meters));
        await using var b = await TcpTestHost.StartAsync(options => (options.Time, options.HandshakesPerAddressAndSecond) = (clock, 1));
        await (await a.Transport.OpenStreamAsync(a.Node, b.Handle, Application)).DisposeAsync();
        await meters.StandsAtAsync("streams", 0);
        await Assert.ThrowsAsync<TransportException>(() => a.Transport.OpenStreamAsync(a.Node, b.Handle, Application).AsTask());
    }

    [Fact]
    public async Task A_connection_that_the_other_end_has_closed_meanwhile_is_replaced()
    {
        using var meters = new MeterRecorder();
        await using var a = await TcpTestHost.StartAsync(options => options.MeterFactory = meters);
        var key = SigningKey.Create();
        NodeHandle handle;
        await using (var b = await TcpTestHost.StartAsync(key: key))
        {
            handle = b.Handle;
            await ExchangeAsync(a, b);
            await meters.StandsAtAsync("streams", 0);
        }

        await using var again = await TcpTestHost.StartAsync(options => options.Listen = [handle.Address], key);
        await ExchangeAsync(a, again);
    }

    [Fact]
    public async Task A_connection_serves_streams_of_one_node_only()
    {
        await using var victim = await TcpTestHost.StartAsync();
        using var peer = new HostileHost();
        var channel = await peer.DialAsync(victim, Plane.Stream);
        await AskAsync(channel, victim, peer.Delegate());
        await EndAsync(channel, victim);
        await AskAsync(channel, victim, peer.Delegate());
        await EndAsync(channel, victim);

        using var other = SigningKey.Create();
        var handle = new NodeHandle(other.PublicKey.NodeId, 1, peer.Handle.Addresses, peer.Handle.FailureDomain);
        var delegation = Delegation.Sign(other, peer.Identity.Id, "default", DateTimeOffset.UtcNow + TimeSpan.FromHours(24), handle).Statement;
        await channel.WriteBlockAsync(RequestOf(victim, delegation), CancellationToken.None);
        await Assert.ThrowsAnyAsync<IOException>(() => channel.ReadBlockAsync(StreamAnswer.MaxLength, CancellationToken.None).WaitAsync(Patience.Long));
    }

    /// <summary>Opens a stream, lets a byte go each way, and ends both.</summary>
    private static async Task ExchangeAsync(TestHost a, TestHost b)
    {
        await using var near = await a.Transport.OpenStreamAsync(a.Node, b.Handle, Application);
        await near.Output.WriteAsync(new byte[] { 1 });
        await near.Output.CompleteAsync();
        var (_, far, _) = await b.Seen.NextStreamAsync();
        await using (far)
        {
            await far.Input.CopyToAsync(far.Output);
            await far.Output.CompleteAsync();
        }

        using var echoed = new MemoryStream();
        await near.Input.CopyToAsync(echoed).WaitAsync(Patience.Long);
        Assert.Equal([1], echoed.ToArray());
    }

    private static byte[] RequestOf(TestHost victim, SignedStatement source) =>
        new StreamRequest(new VersionRange(1, 1), "default", source, victim.Handle.Id, Application).ToBytes();

    private static async Task AskAsync(SecureChannel channel, TestHost victim, SignedStatement source)
    {
        await channel.WriteBlockAsync(RequestOf(victim, source), CancellationToken.None);
        var answer = StreamAnswer.Read(await channel.ReadBlockAsync(StreamAnswer.MaxLength, CancellationToken.None).WaitAsync(Patience.Long));
        Assert.Equal(Verdict.Accepted, answer.Verdict);
    }

    private static async Task EndAsync(SecureChannel channel, TestHost victim)
    {
        var end = new byte[4];
        await channel.Stream.WriteAsync(end);
        var (_, far, _) = await victim.Seen.NextStreamAsync();
        await far.Output.CompleteAsync();
        Assert.True((await far.Input.ReadAsync().AsTask().WaitAsync(Patience.Long)).IsCompleted);
        await far.DisposeAsync();
        await channel.Stream.ReadExactlyAsync(end).AsTask().WaitAsync(Patience.Long);
        Assert.Equal(new byte[4], end);
    }
}
