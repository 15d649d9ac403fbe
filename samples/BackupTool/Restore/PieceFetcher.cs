using System.Buffers;
using BackupTool.Backup;
using BackupTool.Chunks;
using BackupTool.Packs;
using BackupTool.Repository;
using P2P.Past;

namespace BackupTool.Restore;

/// <summary>Fetches what is needed of packs, opens it, and hands it to the files that it belongs to. Safe for concurrent use.</summary>
internal sealed class PieceFetcher(BackupRepository repository, Counters counters)
{
    /// <summary>What lies between two pieces and is not longer is fetched with them: to ask once more takes longer.</summary>
    private const int GapMax = 512 * 1024;

    private readonly SecondLook _secondLook = new(repository);

    /// <summary>Fetches pieces of one pack. What can't be had from it is looked for where it lies now; files whose pieces are nowhere are given up.</summary>
    public async ValueTask FetchAsync(Pack pack, List<Piece> pieces, CancellationToken cancellationToken)
    {
        var missed = await TryFetchAsync(pack, pieces, cancellationToken);
        if (missed.Count == 0)
        {
            return;
        }

        var elsewhere = await _secondLook.TakeAsync(cancellationToken) is { } index ? new PiecePlan(index) : null;
        GiveUp(missed.Where(miss => elsewhere?.Add(miss.Key) is null));
        foreach (var (other, found) in elsewhere?.Packs ?? [])
        {
            GiveUp(other.File == pack.File ? found.Select(piece => KeyValuePair.Create(piece, missed[piece])) : await TryFetchAsync(other, found, cancellationToken));
        }
    }

    private static void GiveUp(IEnumerable<KeyValuePair<Piece, string>> missed)
    {
        foreach (var (piece, problem) in missed)
        {
            piece.Job.File.Abandon(problem);
        }
    }

    /// <returns>Which pieces the pack does not give, and why.</returns>
    private async ValueTask<Dictionary<Piece, string>> TryFetchAsync(Pack pack, List<Piece> pieces, CancellationToken cancellationToken)
    {
        var missed = new Dictionary<Piece, string>();
        var located = Locate(pack, pieces);
        PastFile? file = null;
        for (var (start, end) = (0, 0); start < located.Count; start = end)
        {
            var last = located[start].End;
            for (end = start + 1; end < located.Count && located[end].Offset - last <= GapMax; end++)
            {
                last = Math.Max(last, located[end].End);
            }

            var first = located[start].Offset;
            var buffer = ArrayPool<byte>.Shared.Rent(last - first);
            try
            {
                file ??= await repository.Shelf.FindAsync(pack.File, cancellationToken) ?? throw new BackupException("the ring has lost it");
                var source = file.OpenRead(first);
                await using (source)
                {
                    await source.ReadExactlyAsync(buffer.AsMemory(0, last - first), cancellationToken);
                }

                Write(pack, located[start..end], buffer, first, missed);
            }
            catch (Exception exception) when (exception is PastException or BackupException or EndOfStreamException or ArgumentOutOfRangeException)
            {
                foreach (var (piece, _, _) in located[start..end])
                {
                    missed[piece] = $"a part of it can't be had from pack {pack.File}: {exception.Message}";
                }
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }

        return missed;
    }

    private static List<Located> Locate(Pack pack, List<Piece> pieces)
    {
        var places = new Dictionary<ChunkId, Located>(pack.Chunks.Count);
        var offset = PackFormat.HeadLength;
        foreach (var chunk in pack.Chunks)
        {
            places.TryAdd(chunk.Id, new(default, chunk, offset));
            offset += chunk.StoredLength;
        }

        return [.. pieces.Select(piece => places[piece.Chunk] with { Piece = piece }).OrderBy(one => one.Offset)];
    }

    private void Write(Pack pack, List<Located> pieces, byte[] fetched, int first, Dictionary<Piece, string> missed)
    {
        var (chunk, isGood, opened) = (Array.Empty<byte>(), false, default(PackedChunk));
        foreach (var (piece, packed, offset) in pieces)
        {
            // The same chunk may belong to many files.
            if (packed != opened)
            {
                if (chunk.Length < packed.Length)
                {
                    chunk = new byte[Math.Max(packed.Length, 64 * 1024)];
                }

                opened = packed;
                isGood = repository.Coder.TryDecode(pack.Run, opened, fetched.AsSpan(offset - first, opened.StoredLength), chunk.AsSpan(0, opened.Length));
            }

            if (isGood)
            {
                counters.AddFiles(piece.Job.Write(piece.Offset, chunk.AsSpan(0, opened.Length)) ? 1 : 0);
                counters.AddBytes(opened.Length);
            }
            else
            {
                missed[piece] = $"the chunk {opened.Id} in pack {pack.File} is damaged, at all who hold it";
            }
        }
    }

    /// <summary>Is a piece and where its pack has it.</summary>
    private readonly record struct Located(Piece Piece, PackedChunk Chunk, int Offset)
    {
        public int End => Offset + Chunk.StoredLength;
    }
}
