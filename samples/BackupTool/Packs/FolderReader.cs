using BackupTool.Chunks;
using BackupTool.Repository;
using BackupTool.Trees;

namespace BackupTool.Packs;

/// <summary>Reads folders of snapshots. The packs of folders are few: each is fetched whole, and kept while it is likely to be needed again. Not for concurrent use.</summary>
internal sealed class FolderReader(BackupRepository repository, ChunkIndex index)
{
    private const int PacksKept = 4;

    private readonly LinkedList<(int Number, byte[] Content)> _kept = [];

    /// <exception cref="BackupException">The folder is lost, or the ring does not give it.</exception>
    public async Task<IReadOnlyList<TreeEntry>> ReadAsync(ChunkId folder, CancellationToken cancellationToken)
    {
        if (!index.TryFind(folder, out var place))
        {
            throw new BackupException($"No index of the repository tells of the folder {folder}.");
        }

        var pack = index.PackAt(place.Pack);
        var content = await FetchAsync(place.Pack, pack, cancellationToken);
        var chunk = new byte[place.Length];
        return repository.Coder.TryDecode(pack.Run, new(folder, place.StoredLength, place.Length, place.IsCompressed), content.AsSpan(place.Offset, place.StoredLength), chunk)
            ? TreeCodec.Read(chunk)
            : throw new BackupException($"The folder {folder} in pack {pack.File} is damaged.");
    }

    private async Task<byte[]> FetchAsync(int number, Pack pack, CancellationToken cancellationToken)
    {
        for (var node = _kept.First; node is not null; node = node.Next)
        {
            if (node.Value.Number == number)
            {
                _kept.Remove(node);
                _kept.AddFirst(node);
                return node.Value.Content;
            }
        }

        var content = await repository.Shelf.ReadAsync(pack.File, cancellationToken) ?? throw new BackupException($"The ring has lost pack {pack.File}.");
        if (content.Length != pack.Length)
        {
            throw new BackupException($"Pack {pack.File} has {content.Length} bytes, and should have {pack.Length}.");
        }

        _kept.AddFirst((number, content));
        if (_kept.Count > PacksKept)
        {
            _kept.RemoveLast();
        }

        return content;
    }
}
