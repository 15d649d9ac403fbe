using System.Buffers;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>Connects a peer that nobody else can reach to the one that carries its visitors' connections.</summary>
internal static class TunnelClient
{
    /// <summary>What both ends upgrade to.</summary>
    public const string Protocol = "youserv-tunnel-1";

    /// <summary>Where a proxy takes tunnels.</summary>
    public const string Path = "/.youserv/tunnel";

    private const int AnswerBytesMax = 8 * 1024;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Opens a tunnel.</summary>
    /// <param name="proxy">Who carries it.</param>
    /// <param name="authorities">Whom to believe beside those whom the system trusts.</param>
    /// <param name="opened">Is handed the lanes of visitors.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The tunnel, to be run; null if the proxy cannot be reached or does not take it.</returns>
    public static async Task<Tunnel?> ConnectAsync(
        ProxyReply proxy, X509Certificate2Collection authorities, Action<TunnelLane> opened, TimeProvider clock, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        foreach (var address in proxy.Addresses)
        {
            Stream? stream = null;
            try
            {
                stream = await OpenAsync(IPAddress.Parse(address), proxy, authorities, patience.Token).ConfigureAwait(false);
                var wire = TunnelWire.Over(stream);
                if (await AskAsync(wire, proxy, patience.Token).ConfigureAwait(false))
                {
                    return new Tunnel(wire, isProxy: false, opened, clock);
                }
            }
            catch (Exception failure) when (failure is IOException or SocketException or FormatException or System.Security.Authentication.AuthenticationException
                || (failure is OperationCanceledException && !cancellationToken.IsCancellationRequested))
            {
            }

            if (stream is not null)
            {
                await stream.DisposeAsync().ConfigureAwait(false);
            }
        }

        return null;
    }

    private static async Task<Stream> OpenAsync(IPAddress address, ProxyReply proxy, X509Certificate2Collection authorities, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        Stream? stream = null;
        try
        {
            await socket.ConnectAsync(address, proxy.Port, cancellationToken).ConfigureAwait(false);
            stream = new NetworkStream(socket, ownsSocket: true);
            if (proxy.IsSecure)
            {
                var tls = new SslStream(stream);
                stream = tls;
                await tls.AuthenticateAsClientAsync(Options(proxy.Host, authorities), cancellationToken).ConfigureAwait(false);
            }

            return stream;
        }
        catch
        {
            stream?.Dispose();
            socket.Dispose();
            throw;
        }
    }

    private static SslClientAuthenticationOptions Options(string host, X509Certificate2Collection authorities) => new()
    {
        TargetHost = host,
        ApplicationProtocols = [SslApplicationProtocol.Http11],
        RemoteCertificateValidationCallback = (_, certificate, _, errors) => PeerTrust.IsTrusted(authorities, certificate, errors),
    };

    private static async Task<bool> AskAsync(TunnelWire wire, ProxyReply proxy, CancellationToken cancellationToken)
    {
        await wire.Output.WriteAsync(
            Encoding.ASCII.GetBytes($"GET {Path} HTTP/1.1\r\nHost: {proxy.Host}\r\nConnection: Upgrade\r\nUpgrade: {Protocol}\r\nAuthorization: Bearer {proxy.Pass}\r\n\r\n"),
            cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var read = await wire.Input.ReadAsync(cancellationToken).ConfigureAwait(false);
            if (TryReadHead(read.Buffer, out var isUpgraded, out var end))
            {
                wire.Input.AdvanceTo(end); // What stands behind it is the tunnel's.
                return isUpgraded;
            }

            wire.Input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            if (read.IsCompleted || read.Buffer.Length > AnswerBytesMax)
            {
                return false;
            }
        }
    }

    private static bool TryReadHead(in ReadOnlySequence<byte> bytes, out bool isUpgraded, out SequencePosition end)
    {
        var reader = new SequenceReader<byte>(bytes);
        var isWhole = reader.TryReadTo(out ReadOnlySequence<byte> head, "\r\n\r\n"u8);
        isUpgraded = isWhole && head.Length > 12 && head.Slice(0, 12).ToArray().AsSpan().SequenceEqual("HTTP/1.1 101"u8);
        end = reader.Position;
        return isWhole;
    }
}
