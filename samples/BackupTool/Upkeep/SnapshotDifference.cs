using BackupTool.Chunks;
using BackupTool.Packs;
using BackupTool.Trees;

namespace BackupTool.Upkeep;

/// <summary>Says how a path differs between two snapshots.</summary>
internal enum Difference
{
    Added,
    Removed,

    /// <summary>Its content is another, or where a link leads.</summary>
    Content,

    /// <summary>It is another kind of thing.</summary>
    Kind,

    /// <summary>Only its rights, owner or times are others.</summary>
    Metadata,
}

/// <summary>Compares two snapshots. Folders that are the same chunk are not looked into.</summary>
internal sealed class SnapshotDifference(FolderReader folders)
{
    /// <summary>Tells of each path that differs, in order.</summary>
    public async IAsyncEnumerable<(Difference Difference, string Path, TreeEntry Entry)> CompareAsync(
        ChunkId? before, ChunkId? after, string above, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        if (before == after)
        {
            yield break;
        }

        var old = before is { } one ? (await folders.ReadAsync(one, cancellationToken)).ToDictionary(entry => entry.Name, StringComparer.Ordinal) : [];
        var now = after is { } other ? (await folders.ReadAsync(other, cancellationToken)).ToDictionary(entry => entry.Name, StringComparer.Ordinal) : [];
        foreach (var name in old.Keys.Union(now.Keys).Order(StringComparer.Ordinal))
        {
            var path = $"{above}/{name}";
            var (was, its) = (old.GetValueOrDefault(name), now.GetValueOrDefault(name));
            if (Compare(was, its) is { } difference)
            {
                yield return (difference, path, its ?? was!);
            }

            await foreach (var deeper in CompareAsync(was?.Folder, its?.Folder, path, cancellationToken))
            {
                yield return deeper;
            }
        }
    }

    private static Difference? Compare(TreeEntry? before, TreeEntry? after) => (before, after) switch
    {
        (null, _) => Difference.Added,
        (_, null) => Difference.Removed,
        _ when before.Kind != after.Kind => Difference.Kind,
        _ when before.Target != after.Target || !before.Chunks.SequenceEqual(after.Chunks) => Difference.Content,
        _ when (before.Mode, before.UserId, before.GroupId) != (after.Mode, after.UserId, after.GroupId) => Difference.Metadata,
        _ when before.Kind != EntryKind.Folder && before.ModifiedNs != after.ModifiedNs => Difference.Metadata,
        _ => null,
    };
}
