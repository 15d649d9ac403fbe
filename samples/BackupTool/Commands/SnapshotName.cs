using BackupTool.Repository;

namespace BackupTool.Commands;

/// <summary>Finds the snapshot that the user means: by the beginning of its id, or "latest".</summary>
internal static class SnapshotName
{
    public const string Latest = "latest";

    /// <exception cref="BackupException">There is none, or several.</exception>
    public static Snapshot Find(Catalog catalog, string name)
    {
        if (name == Latest)
        {
            return catalog.Snapshots.MaxBy(snapshot => snapshot.Time) ?? throw new BackupException("There are no snapshots yet.");
        }

        Snapshot[] found = name.Length < 4 ? [] : [.. catalog.Snapshots.Where(snapshot => snapshot.Id.StartsWith(name, StringComparison.OrdinalIgnoreCase))];
        return found switch
        {
            [var snapshot] => snapshot,
            [] => throw new BackupException($"There is no snapshot '{name}': name the first four or more digits of its id, or '{Latest}'; snapshots lists them."),
            _ => throw new BackupException($"{found.Length} snapshots begin with '{name}'; name more digits."),
        };
    }
}
