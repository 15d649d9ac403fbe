using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;

namespace P2P.Pastry.Transport.Tcp;

/// <summary>Writes what comes out of a pipe as chunks, which <see cref="ChunkReader"/> reads.</summary>
internal static class ChunkWriter
{
    private const int Prefix = 4;
    private const int ChunkMax = 64 * 1024 - Prefix;

    /// <summary>Writes until the pipe is completed, then the end. A pipe that is completed with
    /// an exception or whose read is cancelled, or a connection that breaks, throws.</summary>
    public static async Task WriteAllAsync(PipeReader source, Stream stream, TransportMetrics metrics)
    {
        var chunk = ArrayPool<byte>.Shared.Rent(Prefix + ChunkMax);
        try
        {
            while (true)
            {
                var result = await source.ReadAsync().ConfigureAwait(false);
                var bytes = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, ChunkMax));
                var length = (int)bytes.Length;
                bytes.CopyTo(chunk.AsSpan(Prefix));
                source.AdvanceTo(bytes.End);
                if (result.IsCanceled)
                {
                    throw new IOException("The stream was closed.");
                }

                if (length == 0 && result.IsCompleted)
                {
                    break;
                }

                if (length > 0)
                {
                    await WriteAsync(stream, chunk, length).ConfigureAwait(false);
                    metrics.Sent(length);
                }
            }

            await WriteAsync(stream, chunk, 0).ConfigureAwait(false);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(chunk);
        }
    }

    private static ValueTask WriteAsync(Stream stream, byte[] chunk, int length)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(chunk, (uint)length);
        return stream.WriteAsync(chunk.AsMemory(0, Prefix + length));
    }
}
