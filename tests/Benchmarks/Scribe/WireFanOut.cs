using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Benchmarks.Past;

namespace Benchmarks.Scribe;

/// <summary>
/// Is a fan-out without trees, signatures, order and identities: a publisher that writes each message to each receiver's connection, or once to a broker that
/// does so. What waits for a connection leaves in one write. All messages look alike: something, the content, something.
/// </summary>
internal sealed class WireFanOut : IFanOut
{
    private const int LinesMax = 1 << 18;

    private readonly FanOutMeter _meter;
    private readonly List<Line> _lines = [];
    private readonly List<Stream> _streams = [];
    private readonly CancellationTokenSource _stopping = new();
    private readonly byte[] _frame;
    private readonly int _contentOffset;
    private readonly Func<TimeSpan>? _otherCpu;
    private long _published;

    private WireFanOut(int receivers, byte[] frame, int contentOffset, Func<TimeSpan>? otherCpu = null)
    {
        _meter = new FanOutMeter(receivers);
        _frame = frame;
        _contentOffset = contentOffset;
        _otherCpu = otherCpu;
    }

    /// <summary>Connects a publisher to so many receivers.</summary>
    public static async Task<WireFanOut> StartRawAsync(int receivers, bool isSecret)
    {
        var fanOut = new WireFanOut(receivers, new byte[4 + FanOutMeter.ContentLength], contentOffset: 4);
        using var certificate = RawWire.CreateCertificate();
        for (var i = 0; i < receivers; i++)
        {
            var (near, far) = await ConnectAsync(isSecret ? certificate : null);
            fanOut._streams.AddRange([near, far]);
            fanOut.AddLine(near);
            fanOut.Receive(i, far, fanOut._frame.Length, contentOffset: 4);
        }

        return fanOut;
    }

    /// <summary>Connects a publisher and so many receivers to a broker.</summary>
    public static async Task<WireFanOut> StartAsync(int receivers, Broker broker)
    {
        var (frame, contentOffset) = broker.Publication;
        var fanOut = new WireFanOut(receivers, frame, contentOffset, () => broker.ProcessorTime);
        for (var i = 0; i < receivers; i++)
        {
            var stream = await broker.SubscribeAsync();
            fanOut._streams.Add(stream);
            fanOut.Receive(i, stream, broker.DeliveryLength, broker.DeliveryContentOffset);
        }

        var publisher = await broker.ConnectAsync();
        fanOut._streams.Add(publisher);
        fanOut.AddLine(publisher);
        fanOut.Discard(publisher);
        return fanOut;
    }

    public async Task<Flood> FloodAsync(TimeSpan duration)
    {
        using var ending = new CancellationTokenSource();
        var flooding = Task.Run(async () =>
        {
            while (!ending.IsCancellationRequested)
            {
                if (_published - _meter.Slowest >= FanOutMeter.AheadMax)
                {
                    await Task.Delay(1);
                    continue;
                }

                for (var i = 0; i < 64; i++)
                {
                    Publish();
                }

                await Task.Yield();
            }
        });
        await Task.Delay(duration / 4);
        var flood = await _meter.MeasureFloodAsync(duration, otherCpu: _otherCpu);
        await ending.CancelAsync();
        await flooding;
        while (_meter.Slowest < _published)
        {
            await Task.Delay(1);
        }

        return flood;
    }

    public Task<Pace> PaceAsync(int perSecond, TimeSpan duration) => _meter.MeasurePaceAsync(perSecond, duration, content =>
    {
        content.CopyTo(_frame.AsSpan(_contentOffset));
        Publish();
        return Task.CompletedTask;
    });

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        foreach (var stream in _streams)
        {
            await stream.DisposeAsync();
        }
    }

    private static async Task<(Stream Near, Stream Far)> ConnectAsync(X509Certificate2? certificate)
    {
        using var server = new TcpListener(IPAddress.Loopback, 0);
        server.Start();
        var dialed = new TcpClient { NoDelay = true };
        var accepting = server.AcceptTcpClientAsync();
        await dialed.ConnectAsync((IPEndPoint)server.LocalEndpoint);
        var accepted = await accepting;
        accepted.NoDelay = true;
        if (certificate is null)
        {
            return (dialed.GetStream(), accepted.GetStream());
        }

        var near = new SslStream(dialed.GetStream());
        var far = new SslStream(accepted.GetStream());
        await Task.WhenAll(
            far.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate, EnabledSslProtocols = SslProtocols.Tls13 }),
            near.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "raw", RemoteCertificateValidationCallback = (_, presented, _, _) => presented!.GetRawCertData().AsSpan().SequenceEqual(certificate.RawDataMemory.Span) }));
        return (near, far);
    }

    private void Publish()
    {
        _published++;
        foreach (var line in _lines)
        {
            line.Add(_frame);
        }
    }

    private void AddLine(Stream stream)
    {
        var line = new Line(stream);
        _lines.Add(line);
        _ = Task.Run(() => UntilClosedAsync(() => line.WriteAsync(_stopping.Token)));
    }

    private void Receive(int receiver, Stream stream, int length, int contentOffset) => _ = Task.Run(() => UntilClosedAsync(async () =>
    {
        var buffer = new byte[1 << 16];
        var filled = 0;
        while (await stream.ReadAsync(buffer.AsMemory(filled), _stopping.Token) is > 0 and var count)
        {
            filled += count;
            var offset = 0;
            for (; filled - offset >= length; offset += length)
            {
                if (buffer.AsSpan(offset).StartsWith("PING\r\n"u8))
                {
                    // A broker asks once whether anybody is there, and takes deliveries for an answer.
                    offset += 6;
                    if (filled - offset < length)
                    {
                        break;
                    }
                }

                _meter.Take(receiver, buffer.AsSpan(offset + contentOffset, FanOutMeter.ContentLength));
            }

            buffer.AsSpan(offset, filled - offset).CopyTo(buffer);
            filled -= offset;
        }
    }));

    /// <summary>Reads what a broker answers its publisher.</summary>
    private void Discard(Stream stream) => _ = Task.Run(() => UntilClosedAsync(async () =>
    {
        var buffer = new byte[1 << 16];
        while (await stream.ReadAsync(buffer, _stopping.Token) > 0)
        {
        }
    }));

    private static async Task UntilClosedAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception exception) when (exception is IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The fan-out is closing.
        }
    }

    /// <summary>Is one connection to write to.</summary>
    private sealed class Line(Stream stream)
    {
        private readonly System.Threading.Channels.Channel<bool> _available = System.Threading.Channels.Channel.CreateBounded<bool>(1);
        private readonly Lock _gate = new();
        private byte[] _filling = new byte[LinesMax];
        private byte[] _writing = new byte[LinesMax];
        private int _filled;

        public void Add(ReadOnlySpan<byte> frame)
        {
            lock (_gate)
            {
                if (_filled + frame.Length > _filling.Length)
                {
                    Array.Resize(ref _filling, 2 * _filling.Length);
                }

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
    }
}
