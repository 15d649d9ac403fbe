using System.Buffers;
using System.Collections.Concurrent;
using BackupTool.Chunks;
using BackupTool.Vault;
using ZstdSharp;

namespace BackupTool.Packs;

/// <summary>Makes of chunks what lies in packs, and back: compressed where that pays, and sealed, bound to the chunk's id.</summary>
internal sealed class ChunkCoder(RepositoryKeys keys, Sealer sealer) : IDisposable
{
    private const int CompressionLevel = 3;

    /// <summary>Of what is longer, so much is compressed first: where that gains nothing, the rest would not.</summary>
    private const int SampleLength = 16 * 1024;

    private readonly ConcurrentBag<Compressor> _compressors = [];
    private readonly ConcurrentBag<Decompressor> _decompressors = [];

    /// <summary>The longest that a chunk can become.</summary>
    public static int StoredLengthMax(int length) => length + Sealer.Overhead;

    /// <summary>Compresses and seals a chunk.</summary>
    /// <param name="id">The chunk's id.</param>
    /// <param name="chunk">The chunk.</param>
    /// <param name="target">Takes up to <see cref="StoredLengthMax"/> bytes.</param>
    public PackedChunk Encode(ChunkId id, ReadOnlySpan<byte> chunk, Span<byte> target)
    {
        Span<byte> context = stackalloc byte[ChunkId.Length + 1];
        id.Write(context);
        var compressed = ArrayPool<byte>.Shared.Rent(chunk.Length);
        try
        {
            var length = Compress(chunk, compressed.AsSpan(0, chunk.Length));
            var isCompressed = length < chunk.Length;
            context[^1] = isCompressed ? (byte)1 : (byte)0;
            sealer.Seal(isCompressed ? compressed.AsSpan(0, length) : chunk, context, target[..(length + Sealer.Overhead)]);
            return new(id, length + Sealer.Overhead, chunk.Length, isCompressed);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(compressed);
        }
    }

    /// <summary>Opens a chunk, and checks that it is the one it should be.</summary>
    /// <param name="run">The run that has sealed its pack.</param>
    /// <param name="packed">What is known of it.</param>
    /// <param name="stored">Its bytes in the pack.</param>
    /// <param name="chunk">Takes the chunk.</param>
    /// <returns>False where it is damaged.</returns>
    public bool TryDecode(ReadOnlySpan<byte> run, PackedChunk packed, ReadOnlySpan<byte> stored, Span<byte> chunk)
    {
        Span<byte> context = stackalloc byte[ChunkId.Length + 1];
        packed.Id.Write(context);
        context[^1] = packed.IsCompressed ? (byte)1 : (byte)0;
        if (!packed.IsCompressed)
        {
            return stored.Length == chunk.Length + Sealer.Overhead && sealer.TryOpen(run, stored, context, chunk) && keys.Name(chunk) == packed.Id;
        }

        if (stored.Length < Sealer.Overhead)
        {
            return false;
        }

        var compressed = ArrayPool<byte>.Shared.Rent(stored.Length - Sealer.Overhead);
        try
        {
            var opened = compressed.AsSpan(0, stored.Length - Sealer.Overhead);
            return sealer.TryOpen(run, stored, context, opened) && TryDecompress(opened, chunk) && keys.Name(chunk) == packed.Id;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(compressed);
        }
    }

    public void Dispose()
    {
        foreach (var compressor in _compressors)
        {
            compressor.Dispose();
        }

        foreach (var decompressor in _decompressors)
        {
            decompressor.Dispose();
        }
    }

    /// <returns>The compressed length; the chunk's own where compressing gains nothing.</returns>
    private int Compress(ReadOnlySpan<byte> chunk, Span<byte> target)
    {
        var compressor = _compressors.TryTake(out var idle) ? idle : new Compressor(CompressionLevel);
        try
        {
            var isWorth = chunk.Length <= SampleLength
                || compressor.TryWrap(chunk.Slice((chunk.Length - SampleLength) / 2, SampleLength), target[..(SampleLength - (SampleLength / 32))], out _);
            return isWorth && compressor.TryWrap(chunk, target[..(chunk.Length - (chunk.Length / 64))], out var length) ? length : chunk.Length;
        }
        finally
        {
            _compressors.Add(compressor);
        }
    }

    private bool TryDecompress(ReadOnlySpan<byte> compressed, Span<byte> chunk)
    {
        var decompressor = _decompressors.TryTake(out var idle) ? idle : new Decompressor();
        try
        {
            return decompressor.TryUnwrap(compressed, chunk, out var length) && length == chunk.Length;
        }
        catch (ZstdException)
        {
            return false;
        }
        finally
        {
            _decompressors.Add(decompressor);
        }
    }
}
