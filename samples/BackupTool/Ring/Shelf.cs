using BackupTool.Vault;
using P2P.Past;

namespace BackupTool.Ring;

/// <summary>Puts a repository's files into the ring, and gets them back; says in the user's words what stands in the way.</summary>
internal sealed class Shelf(IPastStore store, RepositoryKeys keys, int replicas)
{
    /// <summary>How often what is not answered is tried again.</summary>
    private const int AttemptsMax = 4;

    /// <summary>How many nodes hold each file.</summary>
    public int Replicas => replicas;

    /// <summary>Stores a file under an id that others can compute who know the repository's keys.</summary>
    /// <param name="series">What it is one of.</param>
    /// <param name="number">Which of them it is.</param>
    /// <param name="content">Its content, which must not change meanwhile.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Its id; null where there is one of this number.</returns>
    /// <exception cref="BackupException">The ring does not take it.</exception>
    public Task<FileId?> StoreAsync(FileSeries series, long number, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        StoreAsync(series.Name, content, [.. series.Salts(keys, number)], cancellationToken);

    /// <summary>Stores a file under a new id.</summary>
    /// <exception cref="BackupException">The ring does not take it.</exception>
    public async Task<FileId> StoreAsync(string name, ReadOnlyMemory<byte> content, CancellationToken cancellationToken) =>
        await StoreAsync(name, content, salts: [], cancellationToken)
        ?? throw new BackupException($"The ring holds another file under the id drawn for a {name}; try again.");

    /// <summary>Finds a file that was stored by its number.</summary>
    /// <returns>The file; null where there is none.</returns>
    /// <exception cref="BackupException">Those who would hold it do not answer.</exception>
    public async Task<PastFile?> FindAsync(FileSeries series, long number, CancellationToken cancellationToken)
    {
        Task<PastFile?>[] places = [.. series.Salts(keys, number).Select(salt => FindAsync(FileId.Compute(series.Name, keys.Owner.PublicKey, salt.Span), cancellationToken))];
        await Task.WhenAll(places.Cast<Task>()).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return places.FirstOrDefault(place => place is { IsCompletedSuccessfully: true, Result: not null }) is { } found ? await found : (await Task.WhenAll(places))[0];
    }

    /// <summary>Finds a file.</summary>
    /// <returns>The file; null where there is none.</returns>
    /// <exception cref="BackupException">Those who would hold it do not answer.</exception>
    public async Task<PastFile?> FindAsync(FileId id, CancellationToken cancellationToken)
    {
        for (var attempt = 1; attempt <= AttemptsMax; attempt++)
        {
            switch (await store.LookupAsync(id, cancellationToken))
            {
                case LookupResult.Found found:
                    return found.File;
                case LookupResult.NotFound:
                    return null;
            }
        }

        throw new BackupException(ExitCode.RingUnavailable, $"The nodes that should hold the file {id} do not answer; try again later.");
    }

    /// <summary>Reads a whole file.</summary>
    /// <returns>Its content; null where there is no such file.</returns>
    /// <exception cref="BackupException">Those who hold it do not give it, or do not answer.</exception>
    public async Task<byte[]?> ReadAsync(FileId id, CancellationToken cancellationToken) =>
        await FindAsync(id, cancellationToken) is { } file ? await ReadAsync(file, cancellationToken) : null;

    /// <exception cref="BackupException">Those who hold it do not give it.</exception>
    public static async Task<byte[]> ReadAsync(PastFile file, CancellationToken cancellationToken)
    {
        try
        {
            return await file.ReadAllBytesAsync(cancellationToken);
        }
        catch (PastException exception)
        {
            throw new BackupException($"The file {file.Certificate.FileId} can't be read from the ring: {exception.Message}", exception);
        }
    }

    /// <summary>Takes a file back, as far as those who hold it answer.</summary>
    /// <returns>Whether it is gone.</returns>
    public async Task<bool> ReclaimAsync(FileId id, CancellationToken cancellationToken) =>
        await store.ReclaimAsync(id, keys.Owner, cancellationToken) is ReclaimResult.Reclaimed or ReclaimResult.NotFound;

    // snippet: store-a-pack
    private async Task<FileId?> StoreAsync(string name, ReadOnlyMemory<byte> content, IReadOnlyList<ReadOnlyMemory<byte>> salts, CancellationToken cancellationToken)
    {
        var result = await store.InsertAsync(name, keys.Owner, content, new() { ReplicaCount = replicas, Salts = salts }, cancellationToken);
        for (var attempt = 1; result is InsertResult.Indeterminate && attempt < AttemptsMax; attempt++)
        {
            result = await store.ResumeInsertAsync(result.Certificate, ContentSource.FromBytes(content), cancellationToken: cancellationToken);
        }

        return result switch
        {
            InsertResult.Stored stored => stored.FileId,
            InsertResult.Refused { Reason: StoreRefusal.FileIdExists or StoreRefusal.Reclaimed } => null,
            _ => throw new BackupException(ExitCode.RingUnavailable, Explain(result, content.Length)),
        };
    }

    // end of snippet

    private string Explain(InsertResult result, int length) => result switch
    {
        InsertResult.Refused { Reason: StoreRefusal.NoRoom } =>
            $"The ring has no room for {length:N0} bytes at {replicas} nodes: their capacity is used up, or their disks are full. Give it room, or take old snapshots back (forget --prune).",
        InsertResult.Refused { Reason: StoreRefusal.TooFewNodes } =>
            $"The ring has fewer than the {replicas} nodes that are to hold each file; wait until more of them are back.",
        InsertResult.Refused { Reason: StoreRefusal.NoPermit } =>
            "The ring takes files only with a broker's permit, and this program does not ask for one: use a node of that ring.",
        InsertResult.Refused refused => $"{refused.By} refused a file of {length:N0} bytes: {refused.Reason}.",
        InsertResult.QuotaExceeded exceeded => $"The quota is used up: {exceeded.UsedBytes:N0} of {exceeded.GrantedBytes:N0} bytes are, and {exceeded.NeededBytes:N0} more are needed.",
        InsertResult.QuotaUnavailable => "The broker that grants room does not answer; try again later.",
        _ => $"It is not known whether a file of {length:N0} bytes is stored: {result.Receipts.Length} of {replicas} nodes have answered. Run the command again, which stores what is missing.",
    };
}
