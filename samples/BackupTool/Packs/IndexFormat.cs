using BackupTool.Vault;
using P2P.Past;

namespace BackupTool.Packs;

/// <summary>Is the form of an index: the packs of a part of the repository, and what is in each.</summary>
internal static class IndexFormat
{
    private const string Purpose = "index";

    public static byte[] Write(Sealer sealer, IReadOnlyCollection<Pack> packs)
    {
        using var content = new MemoryStream();
        using (var writer = new BinaryWriter(content))
        {
            var file = new byte[FileId.ByteLength];
            writer.Write(packs.Count);
            foreach (var pack in packs)
            {
                pack.File.WriteBytes(file);
                writer.Write(file);
                writer.Write(pack.Length);
                writer.Write(pack.Run);
                writer.Write(pack.Chunks.Count);
                var entries = new byte[PackFormat.EntriesLength(pack.Chunks.Count)];
                for (var number = 0; number < pack.Chunks.Count; number++)
                {
                    PackFormat.WriteEntry(pack.Chunks[number], entries.AsSpan(PackFormat.EntriesLength(number)));
                }

                writer.Write(entries);
            }
        }

        return SealedDocument.Write(sealer, Purpose, content.ToArray());
    }

    /// <exception cref="BackupException">It is damaged, or no index.</exception>
    public static IReadOnlyList<Pack> Read(Sealer sealer, ReadOnlySpan<byte> document)
    {
        try
        {
            using var reader = new BinaryReader(new MemoryStream(SealedDocument.Read(sealer, Purpose, document)));
            var packs = new List<Pack>();
            for (var rest = reader.ReadInt32(); rest > 0; rest--)
            {
                var file = FileId.FromBytes(ReadExactly(reader, FileId.ByteLength));
                var length = reader.ReadInt32();
                var run = ReadExactly(reader, Sealer.RunLength);
                var count = reader.ReadInt32();
                var entries = ReadExactly(reader, PackFormat.EntriesLength(count));
                var chunks = new PackedChunk[count];
                for (var number = 0; number < chunks.Length; number++)
                {
                    chunks[number] = PackFormat.ReadEntry(entries.AsSpan(PackFormat.EntriesLength(number)));
                }

                packs.Add(new(file, length, run, chunks));
            }

            return packs;
        }
        catch (Exception exception) when (exception is EndOfStreamException or OverflowException or ArgumentException)
        {
            throw new BackupException("An index of the repository is damaged.", exception);
        }
    }

    private static byte[] ReadExactly(BinaryReader reader, int count)
    {
        if (count < 0 || count > reader.BaseStream.Length - reader.BaseStream.Position)
        {
            throw new EndOfStreamException();
        }

        return reader.ReadBytes(count);
    }
}
