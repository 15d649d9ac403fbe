using System.Collections.Concurrent;
using BackupTool.Chunks;

namespace BackupTool.Packs;

/// <summary>Knows where each chunk of a repository lies. Safe for concurrent use.</summary>
internal sealed class ChunkIndex
{
    private readonly ConcurrentDictionary<ChunkId, ChunkPlace> _places = new();
    private readonly List<Pack> _packs = [];
    private readonly Lock _gate = new();

    /// <summary>How many chunks are known.</summary>
    public int Count => _places.Count;

    /// <summary>The packs that are known, by the numbers that places name.</summary>
    public IReadOnlyList<Pack> Packs
    {
        get
        {
            lock (_gate)
            {
                return [.. _packs];
            }
        }
    }

    /// <summary>Gives a pack by the number that places name.</summary>
    public Pack PackAt(int number)
    {
        lock (_gate)
        {
            return _packs[number];
        }
    }

    public bool Contains(ChunkId id) => _places.ContainsKey(id);

    public bool TryFind(ChunkId id, out ChunkPlace place) => _places.TryGetValue(id, out place);

    /// <summary>Adds a pack's chunks. Of a chunk that lies in several packs, the first place stays.</summary>
    public void Add(Pack pack)
    {
        int number;
        lock (_gate)
        {
            number = _packs.Count;
            _packs.Add(pack);
        }

        var offset = PackFormat.HeadLength;
        foreach (var chunk in pack.Chunks)
        {
            _places.TryAdd(chunk.Id, new(number, offset, chunk.StoredLength, chunk.Length, chunk.IsCompressed));
            offset += chunk.StoredLength;
        }
    }

    /// <summary>Takes a chunk out that is found damaged where it lies in a pack.</summary>
    public void Forget(ChunkId id, Pack pack)
    {
        if (_places.TryGetValue(id, out var place) && PackAt(place.Pack).File == pack.File)
        {
            _places.TryRemove(id, out _);
        }
    }
}
