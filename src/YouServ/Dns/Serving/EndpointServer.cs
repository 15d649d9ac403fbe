using System.Net;
using System.Net.Sockets;

namespace P2P.YouServ.Dns;

/// <summary>Serves a zone at one endpoint: datagrams and connections at the same port.</summary>
internal sealed class EndpointServer : IAsyncDisposable
{
    /// <summary>A port that the system gave for connections may be another's for datagrams; so many are tried.</summary>
    private const int PortAttempts = 20;

    /// <summary>Waits for a burst of queries while the loops are busy; some hundred bytes each.</summary>
    private const int ReceiveBufferBytes = 4 << 20;

    private readonly Socket _datagrams;
    private readonly DatagramLoop[] _loops;
    private readonly StreamListener _listener;

    private EndpointServer(Socket datagrams, Socket streams, Zone zone, ResponseRateLimiter? limiter, DnsServerOptions options)
    {
        Endpoint = (IPEndPoint)datagrams.LocalEndPoint!;
        _datagrams = datagrams;
        _loops = [.. Enumerable.Range(0, options.DatagramLoops).Select(_ => new DatagramLoop(datagrams, zone, limiter, DatagramBatch.Over))];
        _listener = new StreamListener(streams, zone, options);
    }

    public IPEndPoint Endpoint { get; }

    public long DatagramQueries => _loops.Sum(loop => loop.Counters.Queries);

    public long DatagramsLimited => _loops.Sum(loop => loop.Counters.Limited);

    public long StreamQueries => _listener.Counters.Queries;

    /// <exception cref="YouServException">The endpoint can't be listened at.</exception>
    public static EndpointServer Start(IPEndPoint endpoint, Zone zone, ResponseRateLimiter? limiter, DnsServerOptions options)
    {
        for (var attempt = 1; ; attempt++)
        {
            Socket? streams = null;
            try
            {
                streams = StreamListener.Listen(endpoint);
                var datagrams = Bind((IPEndPoint)streams.LocalEndPoint!);
                return new EndpointServer(datagrams, streams, zone, limiter, options);
            }
            catch (SocketException exception)
            {
                streams?.Dispose();
                if (endpoint.Port != 0 || attempt == PortAttempts)
                {
                    throw new YouServException($"DNS can't be served at {endpoint}: {exception.Message} Another server may be there, or the right to listen at ports below 1024 be missing.", exception);
                }
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var loop in _loops)
        {
            loop.Stop();
        }

        _datagrams.Dispose();
        await _listener.DisposeAsync().ConfigureAwait(false);
        foreach (var loop in _loops)
        {
            loop.Join();
        }
    }

    private static Socket Bind(IPEndPoint endpoint)
    {
        var socket = new Socket(endpoint.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            if (endpoint.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = false;
            }

            socket.ReceiveBufferSize = ReceiveBufferBytes;
            socket.Bind(endpoint);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }
}
