using P2P.Pastry.Transport;

namespace P2P.Pastry.Tests.Transport;

public sealed class InMemoryTests : TransportContract
{
    private readonly InMemoryNetwork _network = new();

    private protected override ITransport Create() => _network.CreateTransport();

    [Fact]
    public async Task A_link_that_is_cut_loses_both_and_works_again_when_mended()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        await using var c = await StartAsync();
        await a.GreetAsync(b);
        await b.GreetAsync(a);
        _network.Cut((InMemoryTransport)a.Transport, (InMemoryTransport)b.Transport);
        Assert.Equal((b.Handle, PeerDownReason.ConnectionLost), await a.Seen.NextDownAsync());
        Assert.Equal((a.Handle, PeerDownReason.ConnectionLost), await b.Seen.NextDownAsync());
        Assert.Equal(SendStatus.Unreachable, a.Send(b.Handle, "into the gap"));
        Assert.Equal((b.Handle, PeerDownReason.Unreachable), await a.Seen.NextDownAsync());
        await a.GreetAsync(c);
        _network.Mend((InMemoryTransport)a.Transport, (InMemoryTransport)b.Transport);
        await a.GreetAsync(b);
    }

    [Fact]
    public async Task A_host_that_is_off_the_network_reaches_nobody()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        await a.GreetAsync(b);
        _network.SetReachable((InMemoryTransport)b.Transport, false);
        Assert.Equal((b.Handle, PeerDownReason.ConnectionLost), await a.Seen.NextDownAsync());
        Assert.Equal(SendStatus.Unreachable, b.Send(a.Handle, "hello?"));
        Assert.Equal((a.Handle, PeerDownReason.Unreachable), await b.Seen.NextDownAsync());
        _network.SetReachable((InMemoryTransport)b.Transport, true);
        await b.GreetAsync(a);
    }

    [Fact]
    public async Task A_stream_breaks_with_its_link()
    {
        await using var a = await StartAsync();
        await using var b = await StartAsync();
        await using var near = await a.Transport.OpenStreamAsync(a.Node, b.Handle, PastryApplicationId.FromName("test"));
        var (_, far, _) = await b.Seen.NextStreamAsync();
        _network.Cut((InMemoryTransport)a.Transport, (InMemoryTransport)b.Transport);
        await Assert.ThrowsAnyAsync<IOException>(() => far.Input.ReadAsync().AsTask().WaitAsync(Patience.Long));
        await Assert.ThrowsAnyAsync<IOException>(() => near.Input.ReadAsync().AsTask().WaitAsync(Patience.Long));
        await Assert.ThrowsAnyAsync<IOException>(async () => await near.Output.WriteAsync(new byte[1]));
    }
}
