using System.Collections.Immutable;
using System.Net;
using System.Net.Sockets;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Connects to the addresses of others, and makes sure that each answer is one of this overlay.</summary>
internal sealed class Dialer(HostContext host)
{
    // Enough for 100 Mbit/s at 40 ms, and no more of a file than that waits in the kernel.
    public const int StreamSendBufferBytes = 512 * 1024;

    /// <summary>A handshake makes several round trips, and both ends compute: so many head starts of a connection are its own.</summary>
    private const int HandshakeHeadStarts = 4;

    /// <summary>
    /// Tries a node's addresses until one leads to success. Connecting is raced, each address with a head start before the next. Handshakes are not, since they
    /// cost both ends and leave their trace at the other; only one that takes long is given company.
    /// </summary>
    /// <exception cref="TransportException">None did; the message tells the failures, and the reason is the most telling one.</exception>
    public async Task<T> DialFirstAsync<T>(
        ImmutableArray<NodeAddress> addresses,
        Plane plane,
        Func<SecureChannel, CancellationToken, Task<T>> exchange,
        CancellationToken cancellationToken)
    {
        using var turn = new SemaphoreSlim(1);
        var connecting = Stagger(DialOrder.Of(addresses), host.Options.ConnectHeadStart, (address, token) => ConnectAsync(address, plane, token));
        await using (connecting.ConfigureAwait(false))
        {
            // Which address an attempt gets is decided when it is its turn: the one that accepts next.
            var securing = Stagger(addresses, host.Options.ConnectHeadStart * HandshakeHeadStarts, (_, token) => SecureNextAsync(connecting, turn, plane, exchange, token));
            await using (securing.ConfigureAwait(false))
            {
                return await securing.NextAsync(cancellationToken).ConfigureAwait(false) is { } secured
                    ? secured.Result
                    : throw DialFailures.Sum([.. connecting.Failures.Concat(securing.Failures).OfType<TransportException>()]);
            }
        }
    }

    /// <summary>Connects to an address, does TLS, and then what the plane asks for; on failure the connection is closed.</summary>
    /// <exception cref="TransportException">Something failed; the message says what and at which address.</exception>
    public Task<T> DialAsync<T>(NodeAddress address, Plane plane, Func<SecureChannel, CancellationToken, Task<T>> exchange, CancellationToken cancellationToken) =>
        DialFirstAsync([address], plane, exchange, cancellationToken);

    private async Task<Secured<T>> SecureNextAsync<T>(
        StaggeredAttempts<Connection> connecting,
        SemaphoreSlim turn,
        Plane plane,
        Func<SecureChannel, CancellationToken, Task<T>> exchange,
        CancellationToken cancellationToken)
    {
        Connection? connection;
        await turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            connection = await connecting.NextAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            turn.Release();
        }

        // Why the others could not be connected to is told by the attempts to do so.
        return connection is null
            ? throw new InvalidOperationException("No address is left.")
            : await SecureAsync(connection, plane, exchange, cancellationToken).ConfigureAwait(false);
    }

    private async Task<Secured<T>> SecureAsync<T>(
        Connection connection,
        Plane plane,
        Func<SecureChannel, CancellationToken, Task<T>> exchange,
        CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(host.Options.HandshakeTimeout, host.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        SecureChannel? channel = null;
        try
        {
            channel = await TlsHandshake.ConnectAsync(connection.Socket, plane, host.Identity, either.Token).ConfigureAwait(false);
            if (channel.Host == host.Identity.Id)
            {
                throw new TransportException(PeerDownReason.IdentityMismatch, $"{connection.Address} is this host itself; name the address of another.");
            }

            return new Secured<T>(channel, await exchange(channel, either.Token).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            channel?.Dispose();
            connection.Dispose();
            cancellationToken.ThrowIfCancellationRequested();
            throw DialFailures.OfHandshake(exception, connection.Address, host.Options.HandshakeTimeout);
        }
    }

    private async Task<Connection> ConnectAsync(NodeAddress address, Plane plane, CancellationToken cancellationToken)
    {
        using var timeout = new CancellationTokenSource(host.Options.ConnectTimeout, host.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            var targets = IPAddress.TryParse(address.Host, out var literal)
                ? [literal]
                : DialOrder.Of(await Dns.GetHostAddressesAsync(address.Host, either.Token).ConfigureAwait(false));
            var connecting = Stagger(targets, host.Options.ConnectHeadStart, (target, token) => ConnectAsync(new IPEndPoint(target, address.Port), address, plane, token));
            await using (connecting.ConfigureAwait(false))
            {
                return await connecting.NextAsync(either.Token).ConfigureAwait(false)
                    ?? throw (connecting.Failures is [var first, ..] ? first : new SocketException((int)SocketError.HostNotFound));
            }
        }
        catch (Exception exception)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw DialFailures.OfConnecting(exception, address, host.Options.ConnectTimeout);
        }
    }

    private static async Task<Connection> ConnectAsync(IPEndPoint target, NodeAddress address, Plane plane, CancellationToken cancellationToken)
    {
        var socket = new Socket(target.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            Configure(socket, plane);
            await socket.ConnectAsync(target, cancellationToken).ConfigureAwait(false);
            return new Connection(socket, address);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private StaggeredAttempts<T> Stagger<TTarget, T>(IEnumerable<TTarget> targets, TimeSpan headStart, Func<TTarget, CancellationToken, Task<T>> attempt)
        where T : class, IDisposable =>
        new([.. targets.Select(target => (Func<CancellationToken, Task<T>>)(token => attempt(target, token)))], headStart, host.Time);

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

    /// <summary>Is a connection to one of the addresses, before anything was said on it.</summary>
    private sealed record Connection(Socket Socket, NodeAddress Address) : IDisposable
    {
        public void Dispose() => Socket.Dispose();
    }

    /// <summary>Is a connection whose handshake has succeeded.</summary>
    private sealed record Secured<T>(SecureChannel Channel, T Result) : IDisposable
    {
        public void Dispose() => Channel.Dispose();
    }
}
