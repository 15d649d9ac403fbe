using System.Net;
using System.Net.Sockets;

namespace P2P.YouServ.Dns;

/// <summary>
/// Answers the datagrams of a socket, one after the other, on a thread of its own: an answer costs less than handing the query to somebody else. Several loops may share a socket.
/// </summary>
internal sealed class DatagramLoop
{
    private const int QueryMax = 4096;

    /// <summary>Every so many queries beyond the limit one is asked to come back over a connection, so that those in whose name others ask still get through.</summary>
    private const int Slip = 2;

    private readonly Socket _socket;
    private readonly Zone _zone;
    private readonly ResponseRateLimiter? _limiter;
    private readonly Thread _thread;
    private volatile bool _isStopped;
    private long _refused;

    public DatagramLoop(Socket socket, Zone zone, ResponseRateLimiter? limiter)
    {
        (_socket, _zone, _limiter) = (socket, zone, limiter);
        _thread = new Thread(Run) { IsBackground = true, Name = $"DNS {socket.LocalEndPoint}" };
        _thread.Start();
    }

    public DnsCounters Counters { get; } = new();

    /// <summary>Ends the loop, whose socket has been or will be closed.</summary>
    public void Stop() => _isStopped = true;

    public void Join() => _thread.Join();

    private void Run()
    {
        var query = new byte[QueryMax];
        var answer = new byte[DnsFormat.DatagramMax];
        var from = new SocketAddress(_socket.AddressFamily);
        while (!_isStopped)
        {
            try
            {
                from.Size = from.Buffer.Length;
                var length = _socket.ReceiveFrom(query, SocketFlags.None, from);
                length = Answer(query.AsSpan(0, length), answer, from);
                if (length > 0)
                {
                    _socket.SendTo(answer.AsSpan(0, length), SocketFlags.None, from);
                }
            }
            catch (SocketException) when (!_isStopped)
            {
                // Nobody there, no route, no buffer: it concerns this datagram only, and whoever asked asks again.
                Thread.Yield();
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private int Answer(ReadOnlySpan<byte> query, Span<byte> answer, SocketAddress from)
    {
        var isLimited = _limiter?.Allows(ClientNetwork.Of(from)) == false;
        Counters.Count(isLimited);
        if (!isLimited)
        {
            return DnsAnswering.Answer(query, answer, _zone, DnsFormat.DatagramMax);
        }

        return ++_refused % Slip == 0 ? DnsAnswering.AnswerTruncated(query, answer) : 0;
    }
}
