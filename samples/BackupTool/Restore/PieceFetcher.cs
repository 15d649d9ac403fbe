using System.Buffers;
using BackupTool.Backup;
using BackupTool.Packs;
using BackupTool.Repository;
using P2P.Past;

namespace BackupTool.Restore;

/// <summary>Fetches what is needed of packs, opens it, and hands it to the files that it belongs to. Safe for concurrent use.</summary>
internal sealed class PieceFetcher(BackupRepository repository, Counters counters)
{
    /// <summary>What lies between two pieces and is not longer is fetched with them: to ask once more takes longer.</summary>
    private const int GapMax = 512 * 1024;

    /// <summary>Fetches pieces of one pack. Files whose pieces can't be had are given up.</summary>
    public async ValueTask FetchAsync(Pack pack, List<Piece> pieces, CancellationToken cancellationToken)
    {
        pieces.Sort((one, other) => one.OffsetInPack.CompareTo(other.OffsetInPack));
        PastFile? file = null;
        for (var (start, end) = (0, 0); start < pieces.Count; start = end)
        {
            var last = EndOf(pieces[start]);
            for (end = start + 1; end < pieces.Count && pieces[end].OffsetInPack - last <= GapMax; end++)
            {
                last = Math.Max(last, EndOf(pieces[end]));
            }

            var first = pieces[start].OffsetInPack;
            var buffer = ArrayPool<byte>.Shared.Rent(last - first);
            try
            {
                file ??= await repository.Shelf.FindAsync(pack.File, cancellationToken) ?? throw new BackupException($"the ring has lost pack {pack.File}");
                var source = file.OpenRead(first);
                await using (source)
                {
                    await source.ReadExactlyAsync(buffer.AsMemory(0, last - first), cancellationToken);
                }

                Write(pack, pieces[start..end], buffer, first);
            }
            catch (Exception exception) when (exception is PastException or BackupException or EndOfStreamException or ArgumentOutOfRangeException)
            {
                foreach (var piece in pieces[start..end])
                {
                    piece.File.GiveUp($"a part of it can't be had from pack {pack.File}: {exception.Message}");
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }

    private static int EndOf(Piece piece) => piece.OffsetInPack + piece.Chunk.StoredLength;

    private void Write(Pack pack, List<Piece> pieces, byte[] fetched, int first)
    {
        var (chunk, isGood, opened) = (Array.Empty<byte>(), false, default(PackedChunk));
        foreach (var piece in pieces)
        {
            // The same chunk may belong to many files.
            if (piece.Chunk != opened)
            {
                if (chunk.Length < piece.Chunk.Length)
                {
                    chunk = new byte[Math.Max(piece.Chunk.Length, 64 * 1024)];
                }

                opened = piece.Chunk;
                isGood = repository.Coder.TryDecode(pack.Run, opened, fetched.AsSpan(piece.OffsetInPack - first, opened.StoredLength), chunk.AsSpan(0, opened.Length));
            }

            if (isGood)
            {
                piece.File.Write(piece.OffsetInFile, chunk.AsSpan(0, opened.Length));
                counters.AddBytes(opened.Length);
                counters.AddFiles(piece.File.IsDone ? 1 : 0);
            }
            else
            {
                piece.File.GiveUp($"the chunk {opened.Id} in pack {pack.File} is damaged, at all who hold it");
            }
        }
    }
}
