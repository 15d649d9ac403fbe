using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>
/// Measures the round trip to other hosts by a datagram to the port beside their listener, and answers theirs: thousands can be measured without a
/// handshake. An answer is as long as the call, so that nobody is flooded by calls in another's name, and repeats its cookie, which nobody else knows.
/// </summary>
internal sealed class UdpEcho : IDisposable
{
    private const int Length = 16;
    private const uint Call = 0x70327001, Answer = 0x70327002;
    private const int AnswersPerSecondMax = 1_000;
    private const int AddressesMax = 2;

    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(750);

    /// <summary>Names may take long to resolve; nobody is measured for longer than that.</summary>
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private readonly TimeProvider _time;
    private readonly List<Socket> _sockets = [];
    private readonly ConcurrentDictionary<ulong, Awaited> _awaited = [];
    private readonly CancellationTokenSource _closing = new();
    private long _second;
    private int _answers;

    public UdpEcho(TimeProvider time) => _time = time;

    /// <summary>Binds the ports with the numbers of the listener's; where one is taken, the host is not measured there.</summary>
    public void Bind(IEnumerable<IPEndPoint> listening, ILogger logger)
    {
        foreach (var end in listening)
        {
            var socket = new Socket(end.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            try
            {
                socket.Bind(end);
                _sockets.Add(socket);
            }
            catch (SocketException exception)
            {
                socket.Dispose();
                logger.EchoNotBound(end, exception.Message);
            }
        }
    }

    /// <summary>Answers calls until disposed.</summary>
    public Task RunAsync() => Task.WhenAll(_sockets.Select(ReceiveAllAsync));

    /// <summary>Measures the round trip to the first of a node's addresses that answers; null where none does.</summary>
    public async Task<TimeSpan?> MeasureAsync(NodeHandle node, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(Limit, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token, limit.Token, cancellationToken);
        foreach (var address in node.Addresses.Take(AddressesMax))
        {
            try
            {
                if (await ResolveAsync(address, either.Token).ConfigureAwait(false) is { } target
                    && _sockets.Find(socket => socket.AddressFamily == target.AddressFamily) is { } socket
                    && (await CallAsync(socket, target, either.Token).ConfigureAwait(false)
                        ?? await CallAsync(socket, target, either.Token).ConfigureAwait(false)) is { } roundTrip)
                {
                    return roundTrip;
                }
            }
            catch (SocketException)
            {
                // There is no way there.
            }
            catch (OperationCanceledException) when (limit.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
            {
                return null;
            }
        }

        return null;
    }

    public void Dispose()
    {
        _closing.Cancel();
        foreach (var socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private static async Task<IPEndPoint?> ResolveAsync(NodeAddress address, CancellationToken cancellationToken)
    {
        if (IPAddress.TryParse(address.Host, out var literal))
        {
            return new IPEndPoint(literal, address.Port);
        }

        return await Dns.GetHostAddressesAsync(address.Host, cancellationToken).ConfigureAwait(false) is [var first, ..] ? new IPEndPoint(first, address.Port) : null;
    }

    private async Task<TimeSpan?> CallAsync(Socket socket, IPEndPoint target, CancellationToken cancellationToken)
    {
        var datagram = new byte[Length];
        var cookie = BinaryPrimitives.ReadUInt64LittleEndian(RandomNumberGenerator.GetBytes(sizeof(ulong)));
        BinaryPrimitives.WriteUInt32BigEndian(datagram, Call);
        BinaryPrimitives.WriteUInt64LittleEndian(datagram.AsSpan(8), cookie);
        var awaited = new Awaited(target, _time.GetTimestamp());
        _awaited[cookie] = awaited;
        try
        {
            await socket.SendToAsync(datagram, SocketFlags.None, target, cancellationToken).ConfigureAwait(false);
            var answered = await awaited.AnsweredAt.Task.WaitAsync(Patience, _time, cancellationToken).ConfigureAwait(false);
            return _time.GetElapsedTime(awaited.CalledAt, answered);
        }
        catch (TimeoutException)
        {
            return null;
        }
        finally
        {
            _awaited.TryRemove(cookie, out _);
        }
    }

    private async Task ReceiveAllAsync(Socket socket)
    {
        var datagram = new byte[Length + 1];
        var anywhere = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                var received = await socket.ReceiveFromAsync(datagram, SocketFlags.None, anywhere, _closing.Token).ConfigureAwait(false);
                if (received.ReceivedBytes == Length)
                {
                    await TakeAsync(socket, datagram.AsMemory(0, Length), (IPEndPoint)received.RemoteEndPoint).ConfigureAwait(false);
                }
            }
            catch (SocketException)
            {
                // A datagram that can't be answered, or is too long, is nobody's loss.
            }
            catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async ValueTask TakeAsync(Socket socket, Memory<byte> datagram, IPEndPoint from)
    {
        var now = _time.GetTimestamp();
        switch (BinaryPrimitives.ReadUInt32BigEndian(datagram.Span))
        {
            case Call when MayAnswer():
                BinaryPrimitives.WriteUInt32BigEndian(datagram.Span, Answer);
                await socket.SendToAsync(datagram, SocketFlags.None, from, _closing.Token).ConfigureAwait(false);
                break;
            case Answer when _awaited.TryGetValue(BinaryPrimitives.ReadUInt64LittleEndian(datagram.Span[8..]), out var awaited) && awaited.From.Equals(from):
                awaited.AnsweredAt.TrySetResult(now);
                break;
            default:
                break;
        }
    }

    private bool MayAnswer()
    {
        var second = _time.GetTimestamp() / _time.TimestampFrequency;
        if (Interlocked.Exchange(ref _second, second) != second)
        {
            Interlocked.Exchange(ref _answers, 0);
        }

        return Interlocked.Increment(ref _answers) <= AnswersPerSecondMax;
    }

    private sealed record Awaited(IPEndPoint From, long CalledAt)
    {
        public TaskCompletionSource<long> AnsweredAt { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
