using System.Net;
using System.Net.Sockets;
using P2P.Pastry.Transport;
using P2P.Pastry.Transport.Tcp;

namespace P2P.Pastry.Tests.Transport;

/// <summary>Where hosts listen, what they say of it, and in which order others try it.</summary>
public sealed class AddressingTests
{
    private static readonly IPAddress Outward = IPAddress.Parse("192.0.2.7");
    private static readonly IPAddress Outward6 = IPAddress.Parse("2001:db8::7");

    [Theory]
    [InlineData("a4 b4 a6 b6", "a4 a6 b4 b6")]
    [InlineData("a6 b6 a4", "a6 a4 b6")]
    [InlineData("a4 b4 c4", "a4 b4 c4")]
    [InlineData("name a4 a6 other", "name a4 a6 other")]
    public void Families_take_turns_beginning_with_the_preferred_one(string given, string tried) =>
        Assert.Equal(tried, string.Join(' ', DialOrder.Of(given.Split(' ').Select(Address)).Select(Name)));

    [Fact]
    public void A_name_with_many_addresses_costs_a_bounded_number_of_attempts() =>
        Assert.Equal(8, DialOrder.Of(Enumerable.Range(1, 200).Select(i => new IPAddress([192, 0, 2, (byte)i]))).Length);

    [Theory]
    [InlineData("0.0.0.0", "192.0.2.7")]
    [InlineData("::", "2001:db8::7")]
    [InlineData(":: 0.0.0.0", "2001:db8::7 192.0.2.7")]
    [InlineData("127.0.0.1 ::1", "127.0.0.1 ::1")]
    public void A_wildcard_is_advertised_as_the_address_towards_the_world(string bound, string advertised) =>
        Assert.Equal(advertised, Advertised(bound, Outward, Outward6));

    [Fact]
    public void A_family_without_a_way_out_is_not_advertised_where_the_other_has_one() =>
        Assert.Equal("192.0.2.7", Advertised(":: 0.0.0.0", Outward, outward6: null));

    [Fact]
    public void A_machine_without_a_network_advertises_itself_to_itself() =>
        Assert.Equal("::1 127.0.0.1", Advertised(":: 0.0.0.0", outward: null, outward6: null));

    [SkippableFact]
    public async Task One_listener_takes_both_families()
    {
        Skip.IfNot(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        await using var hub = await TcpTestHost.StartAsync(options => options.Listen = [new NodeAddress("::", 0)]);
        var port = hub.Handle.Address.Port;
        Assert.All(hub.Handle.Addresses, address => Assert.Equal(port, address.Port));
        foreach (var loopback in (string[])["127.0.0.1", "::1"])
        {
            await using var caller = await TcpTestHost.StartAsync(options => options.Listen = [new NodeAddress(loopback, 0)]);
            Assert.Equal(hub.Handle, await caller.Transport.ResolveAsync(caller.Node, new NodeAddress(loopback, port)));
            await caller.GreetAsync(hub);
            await hub.GreetAsync(caller);
        }
    }

    [SkippableFact]
    public async Task Wildcards_of_both_families_share_a_port()
    {
        Skip.IfNot(Socket.OSSupportsIPv6, "This machine has no IPv6.");
        await using var first = await TcpTestHost.StartAsync(options => options.Listen = [new NodeAddress("127.0.0.1", 0)]);
        var port = first.Handle.Address.Port;
        await first.DisposeAsync();
        await using var both = await TcpTestHost.StartAsync(options => options.Listen = [new NodeAddress("::", port), new NodeAddress("0.0.0.0", port)]);
        await using var caller = await TcpTestHost.StartAsync();
        Assert.Equal(both.Handle, await caller.Transport.ResolveAsync(caller.Node, new NodeAddress("::1", port)));
        Assert.Equal(both.Handle, await caller.Transport.ResolveAsync(caller.Node, new NodeAddress("127.0.0.1", port)));
    }

    [Fact]
    public async Task What_is_advertised_may_be_several_addresses_with_ports_that_are_not_bound()
    {
        NodeAddress[] outside = [new("203.0.113.5", 4000), new("2001:db8::5", 4001), new("node.example", 4002)];
        await using var host = await TcpTestHost.StartAsync(options => options.AdvertisedAddresses = [.. outside]);
        Assert.Equal(outside, host.Handle.Addresses.AsEnumerable());
    }

    [Fact]
    public void What_is_advertised_fits_a_handle()
    {
        var name = new string('a', 200) + ".example";
        var failure = Assert.Throws<PastryException>(() => new TcpTransport(new() { AdvertisedAddresses = [new(name, 1), new(name, 2)] }));
        Assert.Contains("320 characters", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Failures_at_all_of_a_peers_addresses_are_told()
    {
        await using var a = await TcpTestHost.StartAsync();
        var gone = await TcpTestHost.StartAsync();
        var gone2 = await TcpTestHost.StartAsync();
        await gone.DisposeAsync();
        await gone2.DisposeAsync();
        var handle = new NodeHandle(gone.Handle.Id, 1, [gone.Handle.Address, gone2.Handle.Address]);
        var failure = await Assert.ThrowsAsync<TransportException>(() => a.Transport.OpenStreamAsync(a.Node, handle, new PastryApplicationId(1)).AsTask());
        Assert.Equal(PeerDownReason.Refused, failure.Reason);
        Assert.Contains($"Nobody listens at {gone.Handle.Address}", failure.Message, StringComparison.Ordinal);
        Assert.Contains($"Nobody listens at {gone2.Handle.Address}", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_that_somebody_else_answers_at_does_not_bar_the_way()
    {
        await using var a = await TcpTestHost.StartAsync();
        await using var b = await TcpTestHost.StartAsync();
        await using var stranger = await TcpTestHost.StartAsync();
        var handle = new NodeHandle(b.Handle.Id, 1, [stranger.Handle.Address, b.Handle.Address]);
        Assert.Equal(SendStatus.Accepted, a.Send(handle, "to b"));
        Assert.Equal("to b", (await b.Seen.NextAsync()).Text);
    }

    [Fact]
    public async Task An_address_that_accepts_and_stays_silent_does_not_bar_the_way()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        await using var a = await TcpTestHost.StartAsync(options => (options.ConnectHeadStart, options.HandshakeTimeout) = (TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(5)));
        await using var b = await TcpTestHost.StartAsync();
        var handle = new NodeHandle(b.Handle.Id, 1, [new NodeAddress("127.0.0.1", ((IPEndPoint)silent.LocalEndpoint).Port), b.Handle.Address]);
        Assert.Equal(SendStatus.Accepted, a.Send(handle, "past the silence"));
        Assert.Equal("past the silence", (await b.Seen.NextAsync()).Text);
        await using var stream = await a.Transport.OpenStreamAsync(a.Node, handle, new PastryApplicationId(1));
        Assert.Equal(b.Handle, stream.Peer);
    }

    private static string Advertised(string bound, IPAddress? outward, IPAddress? outward6) => string.Join(
        ' ', Advertisement.Of([.. bound.Split(' ').Select(address => new IPEndPoint(IPAddress.Parse(address), 4000))], outward, outward6).Select(address => address.Host));

    private static NodeAddress Address(string name) => new(
        name switch
        {
            [var letter, '4'] => $"192.0.2.{letter - 'a' + 1}",
            [var letter, '6'] => $"2001:db8::{letter - 'a' + 1}",
            _ => name,
        },
        4000);

    private static string Name(NodeAddress address) => IPAddress.TryParse(address.Host, out var literal)
        ? $"{(char)('a' + literal.GetAddressBytes()[^1] - 1)}{(literal.AddressFamily == AddressFamily.InterNetwork ? '4' : '6')}"
        : address.Host;
}
