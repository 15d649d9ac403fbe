using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Benchmarks.Route;

/// <summary>
/// Is what can't be avoided: nodes that are connected each to each by TLS, pass length-prefixed frames on for a given number of hops to
/// random others, and coalesce what waits for a peer into one write. No tables, no acknowledgements, no identities.
/// </summary>
internal sealed class RawMesh : IMesh
{
    private const int FrameLength = 4 + 64;

    private readonly Node[] _nodes;
    private readonly Meter _meter = new();
    private readonly double _meanHops;
    private readonly int _senders;
    private readonly CancellationTokenSource _stopping = new();

    private RawMesh(int count, double meanHops, int senders)
    {
        _meanHops = meanHops;
        _senders = senders > 0 ? senders : count;
        _nodes = [.. Enumerable.Range(0, count).Select(index => new Node(this, index))];
    }

    public static async Task<RawMesh> StartAsync(int count, double meanHops, int senders = 0)
    {
        var mesh = new RawMesh(count, meanHops, senders);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=raw", key, HashAlgorithmName.SHA256);
        var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                await mesh.ConnectAsync(mesh._nodes[i], mesh._nodes[j], certificate);
            }
        }

        return mesh;
    }

    public async Task<Measurement> RunAsync(int window, TimeSpan duration)
    {
        foreach (var node in _nodes.Take(_senders))
        {
            node.SetWindow(window);
        }

        await Task.Delay(duration / 4);
        var measurement = await _meter.MeasureAsync(duration);
        foreach (var node in _nodes.Take(_senders))
        {
            node.SetWindow(0);
        }

        await Task.Delay(200);
        return measurement;
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var node in _nodes)
        {
            node.Close();
        }
    }

    private async Task ConnectAsync(Node dialer, Node listener, X509Certificate2 certificate)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var dialed = new TcpClient { NoDelay = true };
        var accepting = server.AcceptTcpClientAsync();
        await dialed.ConnectAsync((IPEndPoint)server.LocalEndpoint);
        var accepted = await accepting;
        accepted.NoDelay = true;
        var outgoing = new SslStream(dialed.GetStream());
        var incoming = new SslStream(accepted.GetStream());
        await Task.WhenAll(
            incoming.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = SslProtocols.Tls13 }),
            outgoing.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "raw", RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.GetRawCertData().AsSpan().SequenceEqual(certificate.RawDataMemory.Span) }));
        dialer.Attach(listener.Index, outgoing, _stopping.Token);
        listener.Attach(dialer.Index, incoming, _stopping.Token);
    }

    private sealed class Node(RawMesh mesh, int index)
    {
        private readonly Dictionary<int, Link> _links = [];
        private readonly Lock _gate = new();
        private readonly Random _random = new(index);
        private Link[] _all = [];
        private int _window;
        private int _underway;

        public int Index { get; } = index;

        public void Attach(int peer, SslStream stream, CancellationToken cancellationToken)
        {
            var link = new Link(stream);
            _links.Add(peer, link);
            _all = [.. _links.Values];
            _ = Task.Run(() => link.WriteAsync(cancellationToken), CancellationToken.None);
            _ = Task.Run(() => ReadAsync(stream, cancellationToken), CancellationToken.None);
        }

        public void SetWindow(int window)
        {
            lock (_gate)
            {
                _window = window;
                while (_underway < _window)
                {
                    _underway++;
                    Send();
                }
            }
        }

        public void Close()
        {
            foreach (var link in _all)
            {
                link.Close();
            }
        }

        private async Task ReadAsync(SslStream stream, CancellationToken cancellationToken)
        {
            var buffer = new byte[1 << 16];
            var filled = 0;
            try
            {
                while (await stream.ReadAsync(buffer.AsMemory(filled), cancellationToken) is > 0 and var count)
                {
                    filled += count;
                    var offset = 0;
                    for (; filled - offset >= FrameLength; offset += FrameLength)
                    {
                        Take(buffer.AsSpan(offset, FrameLength));
                    }

                    buffer.AsSpan(offset, filled - offset).CopyTo(buffer);
                    filled -= offset;
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // The mesh is closing.
            }
        }

        // Frame: length, origin (4), sent at (8), hops left (1), hops in all (1), and filling up to 64 bytes.
        private void Take(Span<byte> frame)
        {
            var body = frame[4..];
            var origin = BinaryPrimitives.ReadInt32LittleEndian(body);
            if (body[12] == 0)
            {
                Credit(body);
                return;
            }

            lock (_gate)
            {
                body[12]--;
                if (body[12] == 0 && origin == Index)
                {
                    // It ended where it began: the credit need not travel.
                    Credit(body);
                    return;
                }

                var next = body[12] > 0 ? _all[_random.Next(_all.Length)] : _links[origin];
                next.Add(frame);
            }
        }

        private void Credit(ReadOnlySpan<byte> body)
        {
            lock (_gate)
            {
                mesh._meter.Complete(BinaryPrimitives.ReadInt64LittleEndian(body[4..]), body[13]);
                if (_underway > _window)
                {
                    _underway--;
                }
                else
                {
                    Send();
                }
            }
        }

        private void Send()
        {
            Span<byte> frame = stackalloc byte[FrameLength];
            var whole = (int)mesh._meanHops;
            var hops = (byte)(whole + (_random.NextDouble() < mesh._meanHops - whole ? 1 : 0));
            BinaryPrimitives.WriteInt32LittleEndian(frame, FrameLength - 4);
            BinaryPrimitives.WriteInt32LittleEndian(frame[4..], Index);
            BinaryPrimitives.WriteInt64LittleEndian(frame[8..], Stopwatch.GetTimestamp());
            frame[16] = hops;
            frame[17] = hops;
            _all[_random.Next(_all.Length)].Add(frame);
        }
    }

    private sealed class Link(SslStream stream)
    {
        private readonly System.Threading.Channels.Channel<bool> _available = System.Threading.Channels.Channel.CreateBounded<bool>(1);
        private readonly Lock _gate = new();
        private byte[] _filling = new byte[1 << 20];
        private byte[] _writing = new byte[1 << 20];
        private int _filled;

        public void Add(ReadOnlySpan<byte> frame)
        {
            lock (_gate)
            {
                frame.CopyTo(_filling.AsSpan(_filled));
                _filled += frame.Length;
                if (_filled > frame.Length)
                {
                    return;
                }
            }

            _available.Writer.TryWrite(true);
        }

        public async Task WriteAsync(CancellationToken cancellationToken)
        {
            try
            {
                while (true)
                {
                    await _available.Reader.ReadAsync(cancellationToken);
                    int length;
                    lock (_gate)
                    {
                        (_filling, _writing) = (_writing, _filling);
                        length = _filled;
                        _filled = 0;
                    }

                    await stream.WriteAsync(_writing.AsMemory(0, length), cancellationToken);
                }
            }
            catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
            {
                // The mesh is closing.
            }
        }

        public void Close() => stream.Dispose();
    }
}
