using BackupTool.Packs;

namespace BackupTool.Restore;

/// <summary>Sorts pieces by the packs that their chunks lie in.</summary>
internal sealed class PiecePlan(ChunkIndex index)
{
    private readonly IReadOnlyList<Pack> _packs = index.Packs;
    private readonly Dictionary<int, List<Piece>> _pieces = [];

    /// <summary>What is to be fetched of each pack, in the order in which the packs were stored.</summary>
    public IEnumerable<(Pack Pack, List<Piece> Pieces)> Packs => _pieces.OrderBy(pair => pair.Key).Select(pair => (_packs[pair.Key], pair.Value));

    /// <summary>Adds all chunks of a file.</summary>
    /// <returns>Null; where it can't be had whole, why, and nothing is added.</returns>
    public string? Add(FileJob job)
    {
        var entry = job.File.Entry;
        var (lost, length) = (0, 0L);
        foreach (var chunk in entry.Chunks)
        {
            lost += index.TryFind(chunk, out var place) ? 0 : 1;
            length += place.Length;
        }

        if (lost > 0 || length != entry.Length)
        {
            return lost > 0
                ? $"{lost} of the {entry.Chunks.Count} chunks that it consists of are in no index of the repository"
                : $"its chunks have {length} bytes, and it had {entry.Length}";
        }

        var offset = 0L;
        for (var number = 0; number < entry.Chunks.Count; number++)
        {
            offset += Add(new Piece(job, number, offset))!.Value;
        }

        return null;
    }

    /// <summary>Adds a piece.</summary>
    /// <returns>How long its chunk is; null where no index tells of it.</returns>
    public int? Add(Piece piece)
    {
        if (!index.TryFind(piece.Chunk, out var place))
        {
            return null;
        }

        if (!_pieces.TryGetValue(place.Pack, out var pieces))
        {
            _pieces.Add(place.Pack, pieces = []);
        }

        pieces.Add(piece);
        return place.Length;
    }
}
