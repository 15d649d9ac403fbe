using BackupTool.Repository;
using BackupTool.Ring;
using P2P.Past;

namespace BackupTool.Packs;

/// <summary>Finds packs that a run has sent and that no index tells of, since the run was broken off: their ids follow from the run and from their numbers.</summary>
internal static class OrphanSearch
{
    /// <summary>Packs are sent a few at a time: where so many numbers in a row are missing, there are no more.</summary>
    private const int GapMax = 4;

    /// <param name="repository">The repository.</param>
    /// <param name="session">The backup.</param>
    /// <param name="known">Packs that an index tells of, which are left out.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BackupException">The ring does not answer.</exception>
    public static async Task<IReadOnlyList<Pack>> FindAsync(BackupRepository repository, Session session, IReadOnlySet<FileId> known, CancellationToken cancellationToken)
    {
        var packs = FileSeries.PacksOf(Convert.FromBase64String(session.Run));
        var found = new List<Pack>();
        for (var (number, missing) = (session.Indexed, 0); missing < GapMax; number++)
        {
            if (await repository.Shelf.FindAsync(packs, number, cancellationToken) is not { } file)
            {
                missing++;
                continue;
            }

            missing = 0;
            if (!known.Contains(file.Certificate.FileId) && await ReadDirectoryAsync(repository, file, cancellationToken) is { } pack)
            {
                found.Add(pack);
            }
        }

        return found;
    }

    /// <returns>Null where the pack is damaged: then it is of no use, and prune takes it back.</returns>
    private static async Task<Pack?> ReadDirectoryAsync(BackupRepository repository, PastFile file, CancellationToken cancellationToken)
    {
        try
        {
            var (run, chunks) = PackFormat.ReadDirectory(repository.Sealer, await Shelf.ReadAsync(file, cancellationToken));
            return new(file.Certificate.FileId, checked((int)file.Length), run, chunks);
        }
        catch (Exception exception) when (exception is BackupException or OverflowException)
        {
            return null;
        }
    }
}
