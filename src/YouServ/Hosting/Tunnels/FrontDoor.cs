using System.Buffers;
using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;
using P2P.YouServ.Protocol;

namespace P2P.YouServ.Hosting;

/// <summary>
/// Stands between the network and the web server. Connections whose first bytes name a host whose tunnel ends here go into that tunnel as they are, unopened; all others are the web server's, and so are those that
/// come through a tunnel of this peer's own.
/// </summary>
internal sealed class FrontDoor(IConnectionListenerFactory network, TimeProvider clock) : IConnectionListenerFactory
{
    /// <summary>How many may wait without having said where they want to go.</summary>
    public const int WaitingMax = 512;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly WaitingRoom _waiting = new(WaitingMax);
    private volatile Channel<ConnectionContext>? _first;

    public ProxyDesk Proxied { get; } = new();

    public OldAddress Left { get; } = new(clock);

    /// <summary>Lets in a visitor who comes through a tunnel, and turns them away where the web server takes nobody, or has 1,024 to take.</summary>
    public void Enter(TunnelLane lane)
    {
        if (_first?.Writer.TryWrite(new LaneConnection(lane)) is not true)
        {
            lane.Abandon();
            _ = lane.DisposeAsync().AsTask(); // Which tells the other end.
        }
    }

    public async ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = await network.BindAsync(endpoint, cancellationToken).ConfigureAwait(false);
        var door = new Listener(this, listener);
        _first ??= door.Arrived;
        return door;
    }

    /// <summary>Finds out for whom a connection is, and takes it there.</summary>
    /// <returns>Whether it went elsewhere than to the web server here.</returns>
    private async Task<bool> TryCarryAsync(ConnectionContext connection, CancellationToken stop)
    {
        if (await FindHostAsync(connection, stop).ConfigureAwait(false) is not { } host)
        {
            return false;
        }

        if (Proxied.Find(host) is not { } tunnel)
        {
            return Left.Knows(host) && await LeadOnAsync(connection, stop).ConfigureAwait(false);
        }

        await CarryAsync(connection, tunnel).ConfigureAwait(false);
        return true;
    }

    private async Task<string?> FindHostAsync(ConnectionContext connection, CancellationToken stop)
    {
        using var patience = new CancellationTokenSource(Patience, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, stop, connection.ConnectionClosed);
        var guest = new WaitingRoom.Guest(() => connection.Abort(new ConnectionAbortedException("Too many wait without saying where they want to go.")));
        Enter(guest, VisitorOf(connection).Address);
        try
        {
            var input = connection.Transport.Input;
            while (true)
            {
                var read = await input.ReadAsync(limit.Token).ConfigureAwait(false);
                var isDecided = ServerName.TryRead(read.Buffer, out var host) || read.IsCompleted;

                // Nothing is consumed; of what is left unexamined, the next reader is told at once.
                input.AdvanceTo(read.Buffer.Start, isDecided ? read.Buffer.Start : read.Buffer.End);
                if (isDecided)
                {
                    return host;
                }
            }
        }
        finally
        {
            lock (_waiting)
            {
                _waiting.Leave(guest);
            }
        }
    }

    private void Enter(WaitingRoom.Guest guest, IPAddress address)
    {
        WaitingRoom.Guest? displaced;
        lock (_waiting)
        {
            displaced = _waiting.Enter(address, guest);
        }

        displaced?.SendAway();
    }

    private static IPEndPoint VisitorOf(ConnectionContext connection) => connection.RemoteEndPoint as IPEndPoint ?? new IPEndPoint(IPAddress.None, 0);

    private static async Task CarryAsync(ConnectionContext connection, Tunnel tunnel)
    {
        if (tunnel.Open(VisitorOf(connection)) is not { } lane)
        {
            return;
        }

        await using (lane.ConfigureAwait(false))
        {
            using var closing = connection.ConnectionClosed.Register(lane.Abandon);
            var there = CopyAsync(connection.Transport.Input, lane.Output);
            await CopyAsync(lane.Input, connection.Transport.Output).ConfigureAwait(false);
            connection.Transport.Input.CancelPendingRead(); // Who answers no more has no use for what is still said.
            await there.ConfigureAwait(false);
        }
    }

    /// <returns>Whether there was somebody to lead to.</returns>
    private async Task<bool> LeadOnAsync(ConnectionContext connection, CancellationToken stop)
    {
        if (await Left.ConnectAsync(stop).ConfigureAwait(false) is not { } wire)
        {
            return false;
        }

        using (wire)
        {
            using var closing = connection.ConnectionClosed.Register(wire.Dispose);
            var there = CopyAsync(connection.Transport.Input, wire.Output);
            await CopyAsync(wire.Input, connection.Transport.Output).ConfigureAwait(false);
            connection.Transport.Input.CancelPendingRead();
            await there.ConfigureAwait(false);
        }

        return true;
    }

    private static async Task CopyAsync(System.IO.Pipelines.PipeReader from, System.IO.Pipelines.PipeWriter to)
    {
        try
        {
            while (true)
            {
                var read = await from.ReadAsync().ConfigureAwait(false);
                foreach (var segment in read.Buffer)
                {
                    to.Write(segment.Span);
                }

                from.AdvanceTo(read.Buffer.End);
                var flushed = await to.FlushAsync().ConfigureAwait(false);
                if (read.IsCompleted || read.IsCanceled || flushed.IsCompleted)
                {
                    break;
                }
            }

            await to.CompleteAsync().ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException or ConnectionAbortedException or InvalidOperationException)
        {
            await to.CompleteAsync(failure).ConfigureAwait(false);
        }
    }

    private sealed class Listener : IConnectionListener
    {
        private readonly FrontDoor _door;
        private readonly IConnectionListener _listener;
        private readonly CancellationTokenSource _stop = new();
        private readonly Task _accepting;

        public Listener(FrontDoor door, IConnectionListener listener)
        {
            (_door, _listener) = (door, listener);
            _accepting = Task.Run(AcceptAllAsync);
        }

        public Channel<ConnectionContext> Arrived { get; } = Channel.CreateBounded<ConnectionContext>(1024);

        public EndPoint EndPoint => _listener.EndPoint;

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await Arrived.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false) && Arrived.Reader.TryRead(out var connection) ? connection : null;

        public async ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            await _listener.UnbindAsync(cancellationToken).ConfigureAwait(false);
            await _accepting.ConfigureAwait(false);
        }

        public async ValueTask DisposeAsync()
        {
            await _stop.CancelAsync().ConfigureAwait(false);
            await _listener.DisposeAsync().ConfigureAwait(false);
            await _accepting.ConfigureAwait(false);
            _stop.Dispose();
        }

        private async Task AcceptAllAsync()
        {
            try
            {
                while (await _listener.AcceptAsync(_stop.Token).ConfigureAwait(false) is { } connection)
                {
                    if (_door.Proxied.IsEmpty && _door.Left.IsEmpty)
                    {
                        await Arrived.Writer.WriteAsync(connection, _stop.Token).ConfigureAwait(false);
                    }
                    else
                    {
                        _ = LeadAsync(connection);
                    }
                }

                Arrived.Writer.TryComplete();
            }
            catch (OperationCanceledException)
            {
                Arrived.Writer.TryComplete();
            }
#pragma warning disable CA1031 // Whatever the network throws, the web server is to hear of it where it asks for connections.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                Arrived.Writer.TryComplete(failure);
            }
        }

        private async Task LeadAsync(ConnectionContext connection)
        {
            try
            {
                if (!await _door.TryCarryAsync(connection, _stop.Token).ConfigureAwait(false))
                {
                    await Arrived.Writer.WriteAsync(connection, _stop.Token).ConfigureAwait(false);
                    return;
                }
            }
            catch (Exception failure) when (failure is IOException or SocketException or OperationCanceledException or ConnectionAbortedException or InvalidOperationException or ChannelClosedException)
            {
            }

            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }
}
