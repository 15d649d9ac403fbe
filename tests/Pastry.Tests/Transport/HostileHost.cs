using System.Net.Sockets;
using P2P.Pastry.Transport.Tcp;

namespace P2P.Pastry.Tests.Transport;

/// <summary>Speaks the protocol by hand, and so not always as it should be.</summary>
internal sealed class HostileHost : IDisposable
{
    private readonly List<IDisposable> _open = [];

    public HostileHost()
    {
        Identity = new HostIdentity(null);
        Handle = new NodeHandle(Key.PublicKey.NodeId, 1, [new NodeAddress("192.0.2.1", 1)], Identity.Id.FailureDomain);
    }

    public HostIdentity Identity { get; }

    public SigningKey Key { get; } = SigningKey.Create();

    public NodeHandle Handle { get; }

    public SignedStatement Delegate(Fingerprint? host = null, string ring = "default", TimeSpan? lifetime = null, NodeHandle? node = null) =>
        Delegation.Sign(Key, host ?? Identity.Id, ring, DateTimeOffset.UtcNow + (lifetime ?? TimeSpan.FromHours(24)), node ?? Handle).Statement;

    public async Task<Socket> ConnectAsync(TestHost victim)
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        _open.Add(socket);
        await socket.ConnectAsync(victim.Handle.Address.Host, victim.Handle.Address.Port);
        return socket;
    }

    public async Task<SecureChannel> DialAsync(TestHost victim, Plane plane = Plane.Control)
    {
        var channel = await TlsHandshake.ConnectAsync(await ConnectAsync(victim), plane, Identity, CancellationToken.None);
        _open.Add(channel);
        return channel;
    }

    /// <summary>Says hello and gives the answer.</summary>
    public async Task<(SecureChannel Channel, Hello Answer)> GreetAsync(TestHost victim, params HelloNode[] nodes)
    {
        var channel = await DialAsync(victim);
        await channel.WriteBlockAsync(new Hello(Verdict.Accepted, new VersionRange(1, 1), "default", 1, [.. nodes]).ToBytes(), CancellationToken.None);
        return (channel, Hello.Read(await channel.ReadBlockAsync(Hello.MaxLength, CancellationToken.None)));
    }

    public void Dispose()
    {
        _open.ForEach(open => open.Dispose());
        Identity.Dispose();
        Key.Dispose();
    }
}
