using System.Buffers.Binary;
using BackupTool.Chunks;
using BackupTool.Vault;

namespace BackupTool.Packs;

/// <summary>
/// Is the form of a pack: a version, the run that sealed it, the sealed chunks one after the other, and at the end its directory, sealed too, and the length of that. So a pack tells by itself what is in it.
/// </summary>
internal static class PackFormat
{
    public const int HeadLength = 1 + Sealer.RunLength;

    public const int TailLength = sizeof(int);

    private const byte Version = 1;

    private const int EntryLength = ChunkId.Length + 1 + sizeof(int) + sizeof(int);

    private static ReadOnlySpan<byte> DirectoryContext => "pack directory"u8;

    public static void WriteHead(Sealer sealer, Span<byte> head)
    {
        head[0] = Version;
        sealer.Run.CopyTo(head[1..]);
    }

    public static byte[] WriteTail(Sealer sealer, IReadOnlyList<PackedChunk> chunks)
    {
        var plain = new byte[chunks.Count * EntryLength];
        var rest = plain.AsSpan();
        foreach (var chunk in chunks)
        {
            WriteEntry(chunk, rest);
            rest = rest[EntryLength..];
        }

        var tail = new byte[plain.Length + Sealer.Overhead + TailLength];
        sealer.Seal(plain, DirectoryContext, tail.AsSpan(0, plain.Length + Sealer.Overhead));
        BinaryPrimitives.WriteInt32LittleEndian(tail.AsSpan(^TailLength..), plain.Length + Sealer.Overhead);
        return tail;
    }

    /// <summary>Reads a whole pack's directory.</summary>
    /// <exception cref="BackupException">It is damaged, or no pack.</exception>
    public static (byte[] Run, IReadOnlyList<PackedChunk> Chunks) ReadDirectory(Sealer sealer, ReadOnlySpan<byte> pack)
    {
        if (pack.Length >= HeadLength + TailLength && pack[0] == Version)
        {
            var length = BinaryPrimitives.ReadInt32LittleEndian(pack[^TailLength..]);
            if (length >= Sealer.Overhead && length <= pack.Length - HeadLength - TailLength && (length - Sealer.Overhead) % EntryLength == 0)
            {
                var run = pack.Slice(1, Sealer.RunLength).ToArray();
                var plain = new byte[length - Sealer.Overhead];
                if (sealer.TryOpen(run, pack[^(length + TailLength)..^TailLength], DirectoryContext, plain))
                {
                    return (run, [.. Enumerable.Range(0, plain.Length / EntryLength).Select(number => ReadEntry(plain.AsSpan(number * EntryLength)))]);
                }
            }
        }

        throw new BackupException("A pack of the repository is damaged, or not of this version.");
    }

    public static int EntriesLength(int count) => checked(count * EntryLength);

    public static void WriteEntry(PackedChunk chunk, Span<byte> entry)
    {
        chunk.Id.Write(entry);
        entry[ChunkId.Length] = chunk.IsCompressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32LittleEndian(entry[(ChunkId.Length + 1)..], chunk.StoredLength);
        BinaryPrimitives.WriteInt32LittleEndian(entry[(ChunkId.Length + 1 + sizeof(int))..], chunk.Length);
    }

    public static PackedChunk ReadEntry(ReadOnlySpan<byte> entry) => new(
        new ChunkId(entry[..ChunkId.Length]),
        BinaryPrimitives.ReadInt32LittleEndian(entry[(ChunkId.Length + 1)..]),
        BinaryPrimitives.ReadInt32LittleEndian(entry[(ChunkId.Length + 1 + sizeof(int))..]),
        entry[ChunkId.Length] != 0);
}
