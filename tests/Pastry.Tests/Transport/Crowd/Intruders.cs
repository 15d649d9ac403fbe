using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using P2P.Pastry.Transport.Tcp;

namespace P2P.Pastry.Tests.Transport.Crowd;

/// <summary>Makes intruders of every sort, in turn.</summary>
internal static class Intruders
{
    public static Intruder Make(NodeAddress victim, int index) => (index % 6) switch
    {
        0 => new Silent(victim, index),
        1 => new Slow(victim, index),
        2 => new SilentAfterTls(victim, index),
        3 => new Flooding(victim, index, Junk.Messages),
        4 => new Flooding(victim, index, Junk.Malformed),
        _ => new Flooding(victim, index, Junk.Oversize),
    };

    /// <summary>Connects, and says nothing.</summary>
    private sealed class Silent(NodeAddress victim, int index) : Intruder(victim, index);

    /// <summary>Says hello in TLS, a byte at a time.</summary>
    private sealed class Slow(NodeAddress victim, int index) : Intruder(victim, index)
    {
        private static readonly Lazy<byte[]> TlsHello = new(Record);

        private Socket? _socket;
        private int _said;

        protected override Task ComeInAsync(Socket socket)
        {
            _socket = socket;
            return Task.CompletedTask;
        }

        protected override async Task DoHarmAsync()
        {
            await base.DoHarmAsync();
            if (IsOpen && _said < TlsHello.Value.Length - 1)
            {
                await _socket!.SendAsync(TlsHello.Value.AsMemory(_said++, 1));
            }
        }

        private static byte[] Record()
        {
            using var recorder = new MemoryStream();
            using var tls = new SslStream(recorder);
            try
            {
                tls.AuthenticateAsClient("", null, SslProtocols.Tls13, checkCertificateRevocation: false);
            }
            catch (Exception exception) when (exception is IOException or AuthenticationException)
            {
                // Nobody answers; the hello has been written.
            }

            return recorder.ToArray();
        }
    }

    /// <summary>Does TLS, and says nothing more.</summary>
    private sealed class SilentAfterTls(NodeAddress victim, int index) : Intruder(victim, index)
    {
        // Those who say nothing more can share who they are.
        private static readonly HostIdentity Identity = new(null);

        protected override async Task ComeInAsync(Socket socket) => await TlsHandshake.ConnectAsync(socket, Plane.Control, Identity, CancellationToken.None);
    }

    /// <summary>Proves a node of its own, and floods the host with these bytes.</summary>
    private sealed class Flooding(NodeAddress victim, int index, byte[] flood) : Intruder(victim, index)
    {
        private static readonly VersionRange Versions = VersionRange.Supported;

        private readonly HostIdentity _identity = new(null);
        private SecureChannel? _channel;
        private Task _writing = Task.CompletedTask;

        public override void Dispose()
        {
            base.Dispose();
            _channel?.Dispose();
            _identity.Dispose();
        }

        protected override async Task ComeInAsync(Socket socket)
        {
            using var key = SigningKey.Create();
            var node = new NodeHandle(key.PublicKey.NodeId, 1, [new NodeAddress("192.0.2.1", 1)], _identity.Id.FailureDomain);
            var delegation = Delegation.Sign(key, _identity.Id, "default", DateTimeOffset.UtcNow + TimeSpan.FromHours(24), node).Statement;
            _channel = await TlsHandshake.ConnectAsync(socket, Plane.Control, _identity, CancellationToken.None);
            await _channel.WriteBlockAsync(new Hello(Verdict.Accepted, Versions, "default", 1, [new HelloNode(0, delegation)]).ToBytes(), CancellationToken.None);
            await _channel.ReadBlockAsync(Hello.MaxLength, CancellationToken.None);
        }

        protected override async Task DoHarmAsync()
        {
            // It reads no answers; while the host takes no more, it waits with its next words.
            if (_writing.IsCompleted)
            {
                await _writing;
                _writing = _channel!.Stream.WriteAsync(flood).AsTask();
            }
        }
    }
}
