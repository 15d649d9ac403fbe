using P2P.YouServ.Wire;

namespace P2P.YouServ.Hosting;

/// <summary>Is a folder as it was at the last look. It does not change.</summary>
internal sealed class IndexedFolder(IReadOnlyList<TreeEntry> entries, IReadOnlyDictionary<string, IndexedFolder> folders)
{
    public static IndexedFolder Empty { get; } = new([], new Dictionary<string, IndexedFolder>(StringComparer.Ordinal));

    /// <summary>What is in it, by <see cref="TreeEntry.Order"/>.</summary>
    public IReadOnlyList<TreeEntry> Entries => entries;

    /// <summary>The digest of all that is in it.</summary>
    public ContentDigest Digest { get; } = TreeEntry.DigestOf(entries);

    /// <summary>Bytes of all files beneath it.</summary>
    public long Length { get; } = entries.Sum(entry => entry.IsFolder ? folders[entry.Name].Length : entry.Length);

    /// <returns>The folder that a path leads to from here; null if there is none.</returns>
    public IndexedFolder? Find(SitePath path)
    {
        var folder = this;
        foreach (var part in path.IsRoot ? default : path.Value.AsSpan().Split('/'))
        {
            if (!folder.TryEnter(path.Value[part], out folder))
            {
                return null;
            }
        }

        return folder;
    }

    private bool TryEnter(string name, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out IndexedFolder folder) => folders.TryGetValue(name, out folder);
}
