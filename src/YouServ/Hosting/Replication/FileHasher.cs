using System.Buffers;
using Microsoft.Win32.SafeHandles;
using P2P.YouServ.Protocol;
using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>Reads files, and takes the digests of their blocks.</summary>
internal static class FileHasher
{
    private const int BlocksTogether = 8;

    /// <summary>Takes the digests of a file's blocks, several at a time where there are many.</summary>
    /// <param name="file">The file, open for reading.</param>
    /// <param name="length">How long it is.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="IOException">It cannot be read, or has become shorter.</exception>
    public static ContentDigest[] Hash(SafeFileHandle file, long length, CancellationToken cancellationToken)
    {
        var digests = new ContentDigest[Blocks.Count(length)];
        var runs = (digests.Length + BlocksTogether - 1) / BlocksTogether;
        if (runs <= 1)
        {
            HashRun(file, length, digests, 0);
        }
        else
        {
            Parallel.For(0, runs, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellationToken }, run => HashRun(file, length, digests, run));
        }

        return digests;
    }

    private static void HashRun(SafeFileHandle file, long length, ContentDigest[] digests, int run)
    {
        var first = run * BlocksTogether;
        var offset = (long)first * Blocks.Length;
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(BlocksTogether * Blocks.Length, length - offset));
        try
        {
            var bytes = buffer.AsSpan(0, (int)Math.Min(BlocksTogether * Blocks.Length, length - offset));
            for (var filled = 0; filled < bytes.Length;)
            {
                var read = RandomAccess.Read(file, bytes[filled..], offset + filled);
                filled += read > 0 ? read : throw new EndOfStreamException("The file has become shorter while it was read.");
            }

            for (var block = first; block < digests.Length && block < first + BlocksTogether; block++)
            {
                digests[block] = ContentDigest.Of(bytes.Slice((block - first) * Blocks.Length, Blocks.LengthOf(block, length)));
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
