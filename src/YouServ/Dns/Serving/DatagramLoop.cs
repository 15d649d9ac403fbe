using System.Net.Sockets;

namespace P2P.YouServ.Dns;

/// <summary>
/// Answers the datagrams of a socket on a thread of its own: an answer costs less than handing the query to somebody else. Several loops may share a socket.
/// </summary>
internal sealed class DatagramLoop
{
    /// <summary>Every so many queries beyond the limit one is asked to come back over a connection, so that those in whose name others ask still get through.</summary>
    private const int Slip = 2;

    private readonly DatagramBatch _batch;
    private readonly Zone _zone;
    private readonly ResponseRateLimiter? _limiter;
    private readonly Thread _thread;
    private volatile bool _isStopped;
    private long _refused;

    public DatagramLoop(Socket socket, Zone zone, ResponseRateLimiter? limiter, Func<Socket, DatagramBatch> over)
    {
        (_batch, _zone, _limiter) = (over(socket), zone, limiter); // Here, where the socket is surely open: a server may be stopped before the thread runs.
        _thread = new Thread(Run) { IsBackground = true, Name = $"DNS {socket.LocalEndPoint}" };
        _thread.Start();
    }

    public DnsCounters Counters { get; } = new();

    /// <summary>Ends the loop, whose socket is closed right after.</summary>
    public void Stop() => _isStopped = true;

    public void Join() => _thread.Join();

    private void Run()
    {
        using var batch = _batch;
        while (true)
        {
            var count = batch.Receive();
            if (_isStopped)
            {
                return;
            }

            for (var index = 0; index < count; index++)
            {
                batch.SetAnswer(index, Answer(batch.Query(index), batch.Room(index), batch.From(index)));
            }

            if (count > 0)
            {
                batch.Send();
            }
            else
            {
                // It could not be received, for want of memory or for what an earlier answer met. Nothing says when that ends.
                Thread.Sleep(1);
            }
        }
    }

    private int Answer(ReadOnlySpan<byte> query, Span<byte> answer, ClientNetwork from)
    {
        var isLimited = _limiter?.Allows(from) == false;
        Counters.Count(isLimited);
        if (!isLimited)
        {
            return DnsAnswering.Answer(query, answer, _zone, DnsFormat.DatagramMax);
        }

        return ++_refused % Slip == 0 ? DnsAnswering.AnswerTruncated(query, answer) : 0;
    }
}
