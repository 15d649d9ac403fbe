using System.Net;
using System.Net.Sockets;

namespace P2P.YouServ.Dns;

/// <summary>Takes connections, so many at once and so many of one network; further ones are closed right away.</summary>
internal sealed class StreamListener : IAsyncDisposable
{
    private const int Backlog = 128;

    private readonly Lock _gate = new();
    private readonly Dictionary<ClientNetwork, int> _ofNetworks = [];
    private readonly HashSet<Task> _connections = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly Socket _socket;
    private readonly Zone _zone;
    private readonly DnsServerOptions _options;
    private readonly Task _accepting;

    /// <summary>Takes the connections of a socket that listens.</summary>
    public StreamListener(Socket socket, Zone zone, DnsServerOptions options)
    {
        (_socket, _zone, _options) = (socket, zone, options);
        _accepting = Task.Run(AcceptAsync);
    }

    public DnsCounters Counters { get; } = new();

    /// <summary>Makes a socket that listens.</summary>
    public static Socket Listen(IPEndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            if (endpoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = false;
            }

            socket.Bind(endpoint);
            socket.Listen(Backlog);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        _socket.Dispose();
        await _accepting.ConfigureAwait(false);
        Task[] connections;
        lock (_gate)
        {
            connections = [.. _connections];
        }

        await Task.WhenAll(connections).ConfigureAwait(false);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                var connection = await _socket.AcceptAsync(_stopping.Token).ConfigureAwait(false);
                Begin(connection);
            }
            catch (SocketException) when (!_stopping.IsCancellationRequested)
            {
                // Gone before it was taken; or there are no handles, and those that are open close after a while.
                await Task.Delay(TimeSpan.FromMilliseconds(50), CancellationToken.None).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Begin(Socket socket)
    {
        if (socket.RemoteEndPoint is not IPEndPoint remote || !TryEnter(ClientNetwork.Of(remote.Address)))
        {
            socket.Dispose();
            return;
        }

        var connection = new StreamConnection(socket, _zone, _options.IdleTimeout, _options.Time, Counters);
        var serving = Task.Run(() => connection.RunAsync(_stopping.Token));
        lock (_gate)
        {
            _connections.Add(serving);
        }

        _ = serving.ContinueWith(_ => Leave(serving, ClientNetwork.Of(remote.Address)), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private bool TryEnter(ClientNetwork network)
    {
        lock (_gate)
        {
            var count = _ofNetworks.GetValueOrDefault(network);
            if (_connections.Count >= _options.ConnectionsMax || count >= _options.ConnectionsPerNetworkMax)
            {
                return false;
            }

            _ofNetworks[network] = count + 1;
            return true;
        }
    }

    private void Leave(Task serving, ClientNetwork network)
    {
        lock (_gate)
        {
            _connections.Remove(serving);
            if (--_ofNetworks[network] is var left and > 0)
            {
                _ofNetworks[network] = left;
            }
            else
            {
                _ofNetworks.Remove(network);
            }
        }
    }
}
