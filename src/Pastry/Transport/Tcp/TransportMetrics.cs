using System.Diagnostics.Metrics;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Counts what a transport does. Tags are reasons from a fixed list, never an id or an address.</summary>
internal sealed class TransportMetrics : IDisposable
{
    private const string Prefix = "p2p.pastry.transport.";

    private readonly Meter? _own;
    private readonly UpDownCounter<long> _connections;
    private readonly Counter<long> _connectionsEvicted;
    private readonly UpDownCounter<long> _streams;
    private readonly UpDownCounter<long> _handshakes;
    private readonly Counter<long> _handshakesRefused;
    private readonly Counter<long> _framesDropped;
    private readonly Counter<long> _violations;
    private readonly Counter<long> _bytesIn;
    private readonly Counter<long> _bytesOut;

    public TransportMetrics(IMeterFactory? factory)
    {
        var meter = factory?.Create(new MeterOptions(PastryTelemetry.MeterName)) ?? (_own = new Meter(PastryTelemetry.MeterName));
        _connections = meter.CreateUpDownCounter<long>(Prefix + "connections", "{connection}", "Open control connections, by the version that is spoken on them.");
        _connectionsEvicted = meter.CreateCounter<long>(Prefix + "connections_evicted", "{connection}", "Control connections that gave way to others.");
        _streams = meter.CreateUpDownCounter<long>(Prefix + "streams", "{stream}", "Open streams.");
        _handshakes = meter.CreateUpDownCounter<long>(Prefix + "handshakes", "{handshake}", "Handshakes of strangers that are going on.");
        _handshakesRefused = meter.CreateCounter<long>(Prefix + "handshakes_refused", "{handshake}", "Connections of strangers that came to nothing.");
        _framesDropped = meter.CreateCounter<long>(Prefix + "frames_dropped", "{frame}", "Messages that were not sent or not passed on.");
        _violations = meter.CreateCounter<long>(Prefix + "protocol_violations", "{connection}", "Connections closed because the peer broke the protocol.");
        _bytesIn = meter.CreateCounter<long>(Prefix + "bytes_in", "By", "Bytes read, before TLS.");
        _bytesOut = meter.CreateCounter<long>(Prefix + "bytes_out", "By", "Bytes written, before TLS.");
    }

    public void ConnectionOpened(int version) => _connections.Add(1, new KeyValuePair<string, object?>("version", version));

    public void ConnectionClosed(int version) => _connections.Add(-1, new KeyValuePair<string, object?>("version", version));

    public void ConnectionEvicted() => _connectionsEvicted.Add(1);

    public void StreamOpened() => _streams.Add(1);

    public void StreamClosed() => _streams.Add(-1);

    public void HandshakeBegan() => _handshakes.Add(1);

    public void HandshakeEnded() => _handshakes.Add(-1);

    public void HandshakeRefused(string reason) => _handshakesRefused.Add(1, new KeyValuePair<string, object?>("reason", reason));

    public void FramesDropped(string reason, int count = 1)
    {
        if (count > 0)
        {
            _framesDropped.Add(count, new KeyValuePair<string, object?>("reason", reason));
        }
    }

    public void ProtocolViolated() => _violations.Add(1);

    public void Received(int bytes) => _bytesIn.Add(bytes);

    public void Sent(int bytes) => _bytesOut.Add(bytes);

    public void Dispose() => _own?.Dispose();
}
