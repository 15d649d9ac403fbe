using System.Collections.Immutable;
using System.Net.Sockets;
using System.Security.Authentication;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Connects to addresses, and says in words that help what went wrong where.</summary>
internal sealed class Dialer(HostContext host)
{
    // Enough for 100 Mbit/s at 40 ms, and no more of a file than that waits in the kernel.
    public const int StreamSendBufferBytes = 512 * 1024;

    /// <summary>Tries the addresses in their order until one attempt succeeds.</summary>
    /// <exception cref="TransportException">None did; the last failure is told.</exception>
    public async Task<T> DialFirstAsync<T>(
        ImmutableArray<NodeAddress> addresses,
        Plane plane,
        Func<SecureChannel, CancellationToken, Task<T>> exchange,
        CancellationToken cancellationToken)
    {
        for (var i = 0; ; i++)
        {
            try
            {
                return await DialAsync(addresses[i], plane, exchange, cancellationToken).ConfigureAwait(false);
            }
            catch (TransportException) when (i < addresses.Length - 1)
            {
                // The next may be the one that is reachable from here.
            }
        }
    }

    /// <summary>Connects to an address, does TLS, and then what the plane asks for; on failure the connection is closed.</summary>
    /// <exception cref="TransportException">Something failed; the message says what and at which address.</exception>
    public async Task<T> DialAsync<T>(
        NodeAddress address,
        Plane plane,
        Func<SecureChannel, CancellationToken, Task<T>> exchange,
        CancellationToken cancellationToken)
    {
        var socket = await ConnectAsync(address, plane, cancellationToken).ConfigureAwait(false);
        using var timeout = new CancellationTokenSource(host.Options.HandshakeTimeout, host.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        SecureChannel? channel = null;
        try
        {
            channel = await TlsHandshake.ConnectAsync(socket, plane, host.Identity, either.Token).ConfigureAwait(false);
            if (channel.Host == host.Identity.Id)
            {
                throw new TransportException(PeerDownReason.IdentityMismatch, $"{address} is this host itself; name the address of another.");
            }

            return await exchange(channel, either.Token).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            channel?.Dispose();
            socket.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw Explain(exception, address);
        }
    }

    private async Task<Socket> ConnectAsync(NodeAddress address, Plane plane, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(host.Options.ConnectTimeout, host.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        Socket? socket = null;
        try
        {
            socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
            Configure(socket, plane);
            await socket.ConnectAsync(address.Host, address.Port, either.Token).ConfigureAwait(false);
            return socket;
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException or ArgumentException)
        {
            socket?.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw ExplainConnect(exception, address);
        }
    }

    /// <summary>Sets what every connection of a plane has.</summary>
    public static void Configure(Socket socket, Plane plane)
    {
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, 60);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, 15);
        if (plane == Plane.Stream)
        {
            socket.SendBufferSize = StreamSendBufferBytes;
        }
    }

    private TransportException ExplainConnect(Exception exception, NodeAddress address) => exception switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => new TransportException(
            PeerDownReason.Refused, $"Nobody listens at {address}: the connection was refused. Check the port, and that the host runs.", exception),
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => new TransportException(
            PeerDownReason.Unreachable, $"The host name of {address} can't be resolved. Check its spelling and the name servers.", exception),
        OperationCanceledException => new TransportException(
            PeerDownReason.Unreachable, $"{address} did not answer within {host.Options.ConnectTimeout}. Check the address, and firewalls on the way.", exception),
        _ => new TransportException(
            PeerDownReason.Unreachable, $"{address} can't be reached: {exception.Message}. Check the address and the network.", exception),
    };

    private TransportException Explain(Exception exception, NodeAddress address) => exception switch
    {
        TransportException explained => explained,
        HandshakeException refused => new TransportException(refused.Reason, $"{address} can't be used. {refused.Message}", exception),
        AuthenticationException => new TransportException(
            PeerDownReason.Incompatible, $"What listens at {address} is no host of this overlay, or one of another wire version: TLS 1.3 with {Plane.Control.Protocol()} failed. Check the port.", exception),
        InvalidDataException => new TransportException(
            PeerDownReason.Incompatible, $"What listens at {address} doesn't keep to the protocol: {exception.Message} Check the port, and the versions on both sides.", exception),
        OperationCanceledException => new TransportException(
            PeerDownReason.Unreachable, $"{address} took the connection but did not finish the handshake within {host.Options.HandshakeTimeout}. It may be overloaded, or no host of this overlay.", exception),
        IOException or SocketException or ObjectDisposedException => new TransportException(
            PeerDownReason.ConnectionLost, $"{address} closed the connection during the handshake. It may be overloaded, or no host of this overlay.", exception),
        _ => new TransportException(PeerDownReason.Unreachable, $"The handshake with {address} failed: {exception.Message}", exception),
    };
}
