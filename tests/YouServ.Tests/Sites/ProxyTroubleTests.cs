using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using P2P.YouServ;
using P2P.YouServ.Hosting;

namespace YouServ.Tests.Sites;

/// <summary>Proxies that stop, crash, or are pressed; a firewall that is opened; and visitors who mean no good.</summary>
public sealed class ProxyTroubleTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly CancellationTokenSource _bound = new(Patience);
    private Village _village = null!;
    private YouServPeer _joe = null!;
    private YouServPeer _alice = null!;
    private PeerOptions _ofAlice = null!;
    private string _folder = null!;

    public async Task InitializeAsync()
    {
        _village = await Village.StartAsync(options => options.PeerNetworks.Add(IPNetwork.Parse("127.0.0.0/8")));
        (_joe, _) = await _village.AddPeerAsync("joe", options: options =>
        {
            options.IsProxy = true;
            options.ProxyLimits = new() { ConnectionsPerSiteMax = 8, SitesMax = 1 };
        });
        (_alice, _folder) = await _village.AddPeerAsync("alice", options: options =>
        {
            options.Addresses.Add(IPAddress.Parse("127.0.0.99"));
            _ofAlice = options;
        });
        await File.WriteAllTextAsync(Path.Combine(_folder, "notes.txt"), "notes from behind the wall");
        await _alice.SetRuleAsync(new() { Path = SitePath.Root, Audience = Audience.Everyone });
    }

    public async Task DisposeAsync()
    {
        await _village.DisposeAsync();
        _bound.Dispose();
    }

    [Fact]
    public async Task Visitors_notice_nothing_of_a_proxy_that_stops()
    {
        var (mallory, _) = await _village.AddPeerAsync("mallory", options: options => options.IsProxy = true);
        using var visitor = await Visitor.OpenAsync(_joe.Status.Url!.Port);
        Assert.Contains("notes from behind the wall", await visitor.AskAsync(_alice.Status.Host, _bound.Token), StringComparison.Ordinal);
        var stopping = _village.StopPeerAsync(_joe);
        while (_alice.Status.ProxyHost != mallory.Status.Host)
        {
            await YieldAsync();
        }

        // Who came before goes on, though newcomers are sent elsewhere.
        Assert.Contains("notes from behind the wall", await visitor.AskAsync(_alice.Status.Host, _bound.Token), StringComparison.Ordinal);
        Assert.False(stopping.IsCompleted);
        visitor.Dispose();
        await stopping.WaitAsync(Patience);
        using var next = await Visitor.OpenAsync(_alice.Status.Url!.Port);
        Assert.Contains("notes from behind the wall", await next.AskAsync(_alice.Status.Host, _bound.Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task When_a_proxy_crashes_in_the_midst_another_is_found()
    {
        var (mallory, _) = await _village.AddPeerAsync("mallory", options: options => options.IsProxy = true);
        using var visitor = await Visitor.OpenAsync(_joe.Status.Url!.Port);
        Assert.Contains("notes from behind the wall", await visitor.AskAsync(_alice.Status.Host, _bound.Token), StringComparison.Ordinal);
        _village.ServicesOf(_joe).GetRequiredService<FrontDoor>().Proxied.Find(_alice.Status.Host)!.Close();
        Assert.Equal("", await visitor.AskAsync(_alice.Status.Host, _bound.Token));
        while (_alice.Status.ProxyHost != mallory.Status.Host)
        {
            await YieldAsync();
        }

        using var next = await Visitor.OpenAsync(_alice.Status.Url!.Port);
        Assert.Contains("notes from behind the wall", await next.AskAsync(_alice.Status.Host, _bound.Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tunnel_that_ends_is_opened_again_where_there_is_no_other_proxy()
    {
        var desk = _village.ServicesOf(_joe).GetRequiredService<FrontDoor>().Proxied;
        var first = desk.Find(_alice.Status.Host)!;
        first.Close();
        while (desk.Find(_alice.Status.Host) is not { } next || next == first || _alice.Status.State != PeerState.Serving)
        {
            await YieldAsync();
        }

        using var visitor = await Visitor.OpenAsync(_joe.Status.Url!.Port);
        Assert.Contains("notes from behind the wall", await visitor.AskAsync(_alice.Status.Host, _bound.Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_peer_whose_firewall_is_opened_goes_direct()
    {
        _ofAlice.Addresses.Clear();
        _ofAlice.Addresses.Add(IPAddress.Loopback);
        using var visitor = await Visitor.OpenAsync(_joe.Status.Url!.Port);
        Assert.Contains("notes from behind the wall", await visitor.AskAsync(_alice.Status.Host, _bound.Token), StringComparison.Ordinal);
        _alice.TryDirectly();
        while (_alice.Status.ProxyHost.Length > 0)
        {
            await YieldAsync();
        }

        Assert.NotEqual(_joe.Status.Url!.Port, _alice.Status.Url!.Port);
        Assert.Contains("notes from behind the wall", await visitor.AskAsync(_alice.Status.Host, _bound.Token), StringComparison.Ordinal);
        using var next = await Visitor.OpenAsync(_alice.Status.Url!.Port);
        Assert.Contains("notes from behind the wall", await next.AskAsync(_alice.Status.Host, _bound.Token), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_site_has_so_many_connections_and_others_do_not_feel_it()
    {
        var desk = _village.ServicesOf(_joe).GetRequiredService<FrontDoor>().Proxied;
        var visitors = new List<Visitor>();
        for (var i = 0; i < 8; i++)
        {
            visitors.Add(await Visitor.OpenAsync(_joe.Status.Url!.Port));
            Assert.Contains("notes from behind the wall", await visitors[i].AskAsync(_alice.Status.Host, _bound.Token), StringComparison.Ordinal);
        }

        Assert.Equal(8, desk.LaneCount);
        using var late = await Visitor.OpenAsync(_joe.Status.Url!.Port);
        Assert.Equal("", await late.AskAsync(_alice.Status.Host, _bound.Token));
        using var other = await Visitor.OpenAsync(_joe.Status.Url!.Port);
        Assert.StartsWith("HTTP/1.1 401", await other.AskAsync(_joe.Status.Host, _bound.Token), StringComparison.Ordinal);
        Assert.False(desk.HasRoom("mallory.userv.localhost", 1));
        Assert.True(desk.HasRoom(_alice.Status.Host, 1));
        visitors.ForEach(visitor => visitor.Dispose());
    }

    [Fact]
    public async Task Who_connects_and_says_nothing_makes_room_for_who_does()
    {
        var silent = new List<Visitor>();
        for (var i = 0; i < FrontDoor.WaitingMax + 10; i++)
        {
            silent.Add(await Visitor.OpenAsync(_joe.Status.Url!.Port));
        }

        using var visitor = await Visitor.OpenAsync(_joe.Status.Url!.Port);
        Assert.Contains("notes from behind the wall", await visitor.AskAsync(_alice.Status.Host, _bound.Token), StringComparison.Ordinal);
        Assert.Equal("", await silent[0].HearAsync(_bound.Token));
        Assert.Contains("notes from behind the wall", await silent[^1].AskAsync(_alice.Status.Host, _bound.Token), StringComparison.Ordinal);
        silent.ForEach(one => one.Dispose());
    }

    private async Task YieldAsync()
    {
        _bound.Token.ThrowIfCancellationRequested();
        await Task.Yield();
    }

    /// <summary>Somebody with one connection to a port, over which they ask for one thing after the other.</summary>
    private sealed class Visitor : IDisposable
    {
        private readonly Socket _socket = new(SocketType.Stream, ProtocolType.Tcp);

        public static async Task<Visitor> OpenAsync(int port)
        {
            var visitor = new Visitor();
            await visitor._socket.ConnectAsync(IPAddress.Loopback, port);
            return visitor;
        }

        /// <returns>The answer; empty if the connection ends instead.</returns>
        public async Task<string> AskAsync(string host, CancellationToken cancellationToken)
        {
            try
            {
                await _socket.SendAsync(Encoding.ASCII.GetBytes($"GET /notes.txt HTTP/1.1\r\nHost: {host}\r\n\r\n"), cancellationToken);
            }
            catch (SocketException)
            {
                return "";
            }

            return await HearAsync(cancellationToken);
        }

        public async Task<string> HearAsync(CancellationToken cancellationToken)
        {
            var (buffer, filled) = (new byte[4096], 0);
            try
            {
                while (true)
                {
                    var read = await _socket.ReceiveAsync(buffer.AsMemory(filled), cancellationToken);
                    filled += read;
                    var text = Encoding.ASCII.GetString(buffer, 0, filled);
                    if (read == 0 || text.Contains("behind the wall", StringComparison.Ordinal) || text.Contains("its owner.", StringComparison.Ordinal) || filled == buffer.Length)
                    {
                        return text;
                    }
                }
            }
            catch (SocketException)
            {
                return "";
            }
        }

        public void Dispose() => _socket.Dispose();
    }
}
