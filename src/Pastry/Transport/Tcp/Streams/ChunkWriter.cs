using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Writes what comes out of a pipe as chunks, which <see cref="ChunkReader"/> reads.</summary>
internal static class ChunkWriter
{
    private const int Prefix = 4;

    /// <summary>A file of 64 KiB goes with what belongs to it.</summary>
    private const int ChunkMax = 128 * 1024 - 2 * Prefix;

    /// <summary>Writes until the pipe is completed, then the end. A pipe that is completed with
    /// an exception or whose read is cancelled, or a connection that breaks, throws.</summary>
    public static async Task WriteAllAsync(PipeReader source, Stream stream, TransportMetrics metrics)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(Prefix + ChunkMax + Prefix);
        try
        {
            while (true)
            {
                var result = await source.ReadAsync().ConfigureAwait(false);
                var bytes = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, ChunkMax));
                var length = (int)bytes.Length;
                var isLast = result.IsCompleted && length == result.Buffer.Length;
                bytes.CopyTo(chunk.AsSpan(Prefix));
                source.AdvanceTo(bytes.End);
                if (result.IsCanceled)
                {
                    throw new IOException("The stream was closed.");
                }

                await WriteAsync(stream, chunk, length, isLast).ConfigureAwait(false);
                metrics.Sent(length);
                if (isLast)
                {
                    return;
                }
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    /// <summary>Writes a chunk, and the end where nothing follows, in one go.</summary>
    private static ValueTask WriteAsync(Stream stream, byte[] chunk, int length, bool isLast)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(chunk, (uint)length);
        var written = length > 0 ? Prefix + length : 0;
        if (isLast)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(chunk.AsSpan(written), 0);
            written += Prefix;
        }

        return written > 0 ? stream.WriteAsync(chunk.AsMemory(0, written)) : ValueTask.CompletedTask;
    }
}
