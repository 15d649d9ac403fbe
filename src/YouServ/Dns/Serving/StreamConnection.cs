using System.Buffers;
using System.Buffers.Binary;
using System.Net.Sockets;

namespace P2P.YouServ.Dns;

/// <summary>Answers the queries of a connection in their order, however many come at once (RFC 7766), until it is closed, idle for too long, or says what no query is.</summary>
internal sealed class StreamConnection(Socket socket, Zone zone, TimeSpan idleTimeout, TimeProvider time, DnsCounters counters)
{
    private const int LengthBytes = 2;
    private const int QueryMax = 4096 - LengthBytes;

    /// <summary>Answers to queries that came together leave together, as far as they have room.</summary>
    private const int AnswersMax = 2 * DnsAnswering.AnswerMax;

    public async Task RunAsync(CancellationToken stopping)
    {
        var queries = ArrayPool<byte>.Shared.Rent(LengthBytes + QueryMax);
        using var deadline = new CancellationTokenSource(idleTimeout, time);
        using var stop = stopping.UnsafeRegister(static state => ((CancellationTokenSource)state!).Cancel(), deadline);
        try
        {
            socket.NoDelay = true;
            await AnswerAllAsync(queries, deadline).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is SocketException or OperationCanceledException)
        {
            // The other side is gone, or has had its time.
        }
        finally
        {
            socket.Dispose();
            ArrayPool<byte>.Shared.Return(queries);
        }
    }

    private async Task AnswerAllAsync(Memory<byte> queries, CancellationTokenSource deadline)
    {
        var filled = 0;
        while (await socket.ReceiveAsync(queries[filled..], deadline.Token).ConfigureAwait(false) is var received and > 0)
        {
            filled += received;
            var begin = 0;
            while (TryTakeLength(queries.Span[begin..filled], out var length))
            {
                if (length > QueryMax)
                {
                    return;
                }

                if (filled - begin < LengthBytes + length)
                {
                    break;
                }

                begin = await AnswerSomeAsync(queries, begin, filled, deadline).ConfigureAwait(false);
            }

            queries.Span[begin..filled].CopyTo(queries.Span);
            filled -= begin;
        }
    }

    /// <summary>Answers whole queries, as many as one piece of answers has room for; there is at least one.</summary>
    /// <returns>Where the next query begins.</returns>
    private async Task<int> AnswerSomeAsync(ReadOnlyMemory<byte> queries, int begin, int filled, CancellationTokenSource deadline)
    {
        var answers = ArrayPool<byte>.Shared.Rent(AnswersMax);
        try
        {
            var (next, written) = Answer(queries.Span[begin..filled], answers.AsSpan(0, AnswersMax));
            deadline.CancelAfter(idleTimeout);
            for (var sent = 0; sent < written;)
            {
                sent += await socket.SendAsync(answers.AsMemory(sent, written - sent), deadline.Token).ConfigureAwait(false);
            }

            return begin + next;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(answers);
        }
    }

    private (int Next, int Written) Answer(ReadOnlySpan<byte> queries, Span<byte> answers)
    {
        var (next, written) = (0, 0);
        while (answers.Length - written >= LengthBytes + DnsAnswering.AnswerMax
            && TryTakeLength(queries[next..], out var length)
            && next + LengthBytes + length <= queries.Length)
        {
            var answer = answers.Slice(written + LengthBytes, DnsAnswering.AnswerMax);
            var answerLength = DnsAnswering.Answer(queries.Slice(next + LengthBytes, length), answer, zone, datagramMax: 0);
            counters.CountShared();
            if (answerLength > 0)
            {
                BinaryPrimitives.WriteUInt16BigEndian(answers[written..], (ushort)answerLength);
                written += LengthBytes + answerLength;
            }

            next += LengthBytes + length;
        }

        return (next, written);
    }

    private static bool TryTakeLength(ReadOnlySpan<byte> bytes, out int length)
    {
        length = bytes.Length >= LengthBytes ? BinaryPrimitives.ReadUInt16BigEndian(bytes) : 0;
        return bytes.Length >= LengthBytes;
    }
}
