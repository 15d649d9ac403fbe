using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Threading.Channels;
using Microsoft.AspNetCore.Connections;

namespace Architecture.Tests.Seams.YouServ;

/// <summary>Joins clients and web servers of one process without a socket. Ports are numbers that nobody else sees.</summary>
internal sealed class MemoryTransport : IConnectionListenerFactory
{
    private readonly ConcurrentDictionary<int, Listener> _listeners = new();
    private int _count;

    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        var listener = new Listener(endpoint);
        return _listeners.TryAdd(((IPEndPoint)endpoint).Port, listener) ? new(listener) : throw new AddressInUseException($"Somebody listens at {endpoint}.");
    }

    /// <summary>Makes what a client calls servers with.</summary>
    /// <param name="from">Where it seems to call from.</param>
    public HttpMessageHandler NewHandler(IPAddress from) => new SocketsHttpHandler
    {
        ConnectCallback = (context, _) => new(Connect(new IPEndPoint(from, 1), context.DnsEndPoint.Port)),
    };

    private DuplexStream Connect(EndPoint from, int port)
    {
        if (!_listeners.TryGetValue(port, out var listener))
        {
            throw new IOException($"Nobody listens at port {port}.");
        }

        var (there, back) = (new Pipe(), new Pipe());
        var connection = new DefaultConnectionContext(
            $"memory {Interlocked.Increment(ref _count)}", new Duplex(there.Reader, back.Writer), new Duplex(back.Reader, there.Writer))
        {
            RemoteEndPoint = from,
            LocalEndPoint = listener.EndPoint,
        };
        listener.Take(connection);
        return new DuplexStream(back.Reader.AsStream(), there.Writer.AsStream());
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;

    private sealed class Listener(EndPoint endpoint) : IConnectionListener
    {
        private readonly Channel<ConnectionContext> _connections = Channel.CreateUnbounded<ConnectionContext>();

        public EndPoint EndPoint => endpoint;

        public void Take(ConnectionContext connection) => _connections.Writer.TryWrite(connection);

        public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default) =>
            await _connections.Reader.WaitToReadAsync(cancellationToken) && _connections.Reader.TryRead(out var connection) ? connection : null;

        public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
        {
            _connections.Writer.TryComplete();
            return default;
        }

        public ValueTask DisposeAsync() => UnbindAsync();
    }
}
