using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Accepts connections at one or more addresses.</summary>
internal sealed class Listener : IDisposable
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromMilliseconds(100);

    private readonly List<Socket> _sockets = [];

    /// <summary>What is bound, in the order of the options: of a socket that takes both families, first IPv6.</summary>
    public IEnumerable<IPEndPoint> Bound => _sockets.SelectMany(BoundBy);

    /// <summary>Binds all addresses or none.</summary>
    /// <exception cref="PastryException">One can't be bound; the message says why.</exception>
    public static async Task<Listener> BindAsync(ImmutableArray<NodeAddress> addresses, CancellationToken cancellationToken)
    {
        var listener = new Listener();
        try
        {
            var bothByOne = !addresses.Any(address => IPAddress.TryParse(address.Host, out var literal) && literal.AddressFamily == AddressFamily.InterNetwork);
            foreach (var address in addresses)
            {
                await listener.BindAsync(address, bothByOne, cancellationToken).ConfigureAwait(false);
            }

            return listener;
        }
        catch
        {
            listener.Dispose();
            throw;
        }
    }

    /// <summary>Hands over each connection until the listener is disposed.</summary>
    public Task RunAsync(Action<Socket> accepted, ILogger logger, CancellationToken cancellationToken) =>
        Task.WhenAll(_sockets.Select(socket => AcceptAllAsync(socket, accepted, logger, cancellationToken)));

    public void Dispose()
    {
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private async Task BindAsync(NodeAddress address, bool bothByOne, CancellationToken cancellationToken)
    {
        try
        {
            // The wildcards 0.0.0.0 and :: are no names: the resolver refuses them.
            var local = IPAddress.TryParse(address.Host, out var literal)
                ? literal
                : (await Dns.GetHostAddressesAsync(address.Host, cancellationToken).ConfigureAwait(false))[0];
            var socket = new Socket(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
            _sockets.Add(socket);
            if (socket.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = bothByOne && local.Equals(IPAddress.IPv6Any) && Socket.OSSupportsIPv4;
            }

            socket.Bind(new IPEndPoint(local, address.Port));
            socket.Listen();
        }
        catch (SocketException exception)
        {
            throw new PastryException(
                exception.SocketErrorCode switch
                {
                    SocketError.AddressAlreadyInUse => $"{address} can't be listened at: the port is in use. Choose another, or 0 for one that is free.",
                    SocketError.AccessDenied => $"{address} can't be listened at: this user may not use the port. Choose one above 1023.",
                    SocketError.AddressNotAvailable => $"{address} can't be listened at: this machine doesn't have that address. Use 0.0.0.0 or [::] for all that it has.",
                    SocketError.AddressFamilyNotSupported => $"{address} can't be listened at: this machine has no IPv6. Use 0.0.0.0.",
                    _ => $"{address} can't be listened at: {exception.Message}.",
                },
                exception);
        }
    }

    private static IPEndPoint[] BoundBy(Socket socket)
    {
        var end = (IPEndPoint)socket.LocalEndPoint!;
        return socket is { AddressFamily: AddressFamily.InterNetworkV6, DualMode: true } ? [end, new IPEndPoint(IPAddress.Any, end.Port)] : [end];
    }

    private static async Task AcceptAllAsync(Socket listening, Action<Socket> accepted, ILogger logger, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                accepted(await listening.AcceptAsync(cancellationToken).ConfigureAwait(false));
            }
            catch (Exception exception) when (IsEnd(exception))
            {
                return;
            }
            catch (SocketException exception)
            {
                // Out of file handles, most likely; going on at once would only spin.
                logger.AcceptFailed(exception, PauseAfterFailure);
                await Task.Delay(PauseAfterFailure, CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private static bool IsEnd(Exception exception) =>
        exception is ObjectDisposedException or OperationCanceledException
            or SocketException { SocketErrorCode: SocketError.OperationAborted or SocketError.Interrupted };
}
