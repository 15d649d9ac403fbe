using BackupTool.Ring;
using BackupTool.Vault;
using P2P.Past;

namespace BackupTool.Repository;

/// <summary>
/// Keeps what changes in a store whose files never do: heads are numbered, each names a catalog, and the last one counts. Their ids follow from the repository's keys and their numbers, so that anyone who
/// has the keys finds the last one; and of two who write the same number at once one is refused, and takes the next after he has seen what the other wrote.
/// </summary>
internal sealed class HeadLog(Shelf shelf, Sealer sealer, LocalMemory memory, TimeProvider time)
{
    private const int ConflictsMax = 30;

    /// <summary>So many heads in a row may be lost.</summary>
    private const int GapMax = 4;

    /// <summary>So many catalogs before the last one stay for those who are just reading them.</summary>
    private const int SupersededMax = 4;

    private long _last = memory.Head;

    /// <summary>Writes the first head.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        var catalog = await shelf.StoreAsync("catalog", new Catalog().Write(sealer), cancellationToken);
        await WriteAsync(0, catalog, cancellationToken);
    }

    /// <summary>Reads the catalog as it is now.</summary>
    /// <exception cref="BackupException">There is none, or the ring does not give it.</exception>
    public async Task<Catalog> ReadAsync(CancellationToken cancellationToken) => (await ReadLastAsync(cancellationToken)).Catalog;

    /// <summary>Changes the catalog.</summary>
    /// <remarks>
    /// Of two who write a head of the same number at once both may be refused, and until there is a later one, some see what the one wrote and some what the other did. So a change may be asked to change a
    /// catalog that has it already, and then leaves it as it is; and what a head names that was refused stays until a later one is stored.
    /// </remarks>
    /// <param name="change">Makes the next catalog of the one that is there; may be asked several times, when others change it too.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>What is there now.</returns>
    public async Task<Catalog> ChangeAsync(Func<Catalog, Task<Catalog>> change, CancellationToken cancellationToken)
    {
        var refused = new List<FileId>();
        while (refused.Count < ConflictsMax)
        {
            var (catalog, file) = await ReadLastAsync(cancellationToken);
            var next = await change(catalog);
            string[] superseded = [.. next.Superseded, file.ToString()];
            next = next with { Superseded = superseded[^Math.Min(superseded.Length, SupersededMax)..] };
            var nextFile = await shelf.StoreAsync("catalog", next.Write(sealer), cancellationToken);
            if (await WriteAsync(_last + 1, nextFile, cancellationToken))
            {
                _last++;
                memory.RememberHead(_last);
                foreach (var old in superseded[..^next.Superseded.Count].Select(old => FileId.Parse(old)).Concat(refused))
                {
                    await shelf.ReclaimAsync(old, cancellationToken);
                }

                return next;
            }

            // Two that wait differently long do not meet again.
            refused.Add(nextFile);
            await Task.Delay(TimeSpan.FromMilliseconds(Random.Shared.Next(20 << Math.Min(refused.Count, 6))), time, cancellationToken);
        }

        throw new BackupException(ExitCode.RingUnavailable, "Others change the repository all the time; try again when they are done.");
    }

    public Task<Catalog> ChangeAsync(Func<Catalog, Catalog> change, CancellationToken cancellationToken) => ChangeAsync(catalog => Task.FromResult(change(catalog)), cancellationToken);

    private async Task<(Catalog Catalog, FileId File)> ReadLastAsync(CancellationToken cancellationToken)
    {
        FileId? missing = null;
        while (true)
        {
            var head = await FindLastAsync(cancellationToken);
            var file = FileId.FromBytes(SealedDocument.Read(sealer, Purpose(_last), await Shelf.ReadAsync(head, cancellationToken)));
            if (await shelf.ReadAsync(file, cancellationToken) is { } document)
            {
                return (Catalog.Read(sealer, document), file);
            }

            // A catalog that was superseded and taken back while its head was read: there is a later head.
            if (missing == file)
            {
                throw new BackupException($"The ring has lost the repository's catalog, {file}.");
            }

            missing = file;
        }
    }

    /// <summary>Finds the last head: in steps that double until there is none, then by halves, and then a little beyond, in case that one before the last is lost.</summary>
    private async Task<PastFile> FindLastAsync(CancellationToken cancellationToken)
    {
        var last = await FindAsync(_last, cancellationToken)
            ?? throw (_last == 0
                ? new BackupException(ExitCode.NoRepository, "The ring does not hold the repository's heads.")
                : new BackupException($"This machine has seen state {_last} of the repository, which the ring does not show any more: nodes that hold it are away, or hide it, or what this machine remembers is damaged. To see what there is all the same, name another folder with --cache."));
        do
        {
            (_last, last) = await ClimbAsync(_last, last, cancellationToken);
            var beyond = await Task.WhenAll(Enumerable.Range(2, GapMax).Select(async step => (Number: _last + step, Head: await FindAsync(_last + step, cancellationToken))));
            if (beyond.LastOrDefault(other => other.Head is not null) is not { Head: { } head, Number: var number })
            {
                break;
            }

            (_last, last) = (number, head);
        }
        while (true);

        if (_last > memory.Head)
        {
            memory.RememberHead(_last);
        }

        return last;
    }

    private async Task<(long Number, PastFile Head)> ClimbAsync(long number, PastFile head, CancellationToken cancellationToken)
    {
        var step = 1L;
        for (; await FindAsync(number + step, cancellationToken) is { } next; step *= 2)
        {
            (number, head) = (number + step, next);
        }

        for (step /= 2; step > 0; step /= 2)
        {
            if (await FindAsync(number + step, cancellationToken) is { } next)
            {
                (number, head) = (number + step, next);
            }
        }

        return (number, head);
    }

    private Task<PastFile?> FindAsync(long number, CancellationToken cancellationToken) => shelf.FindAsync(FileSeries.Heads, number, cancellationToken);

    /// <returns>False where there is a head of this number.</returns>
    private async Task<bool> WriteAsync(long number, FileId catalog, CancellationToken cancellationToken)
    {
        var content = new byte[FileId.ByteLength];
        catalog.WriteBytes(content);
        return await shelf.StoreAsync(FileSeries.Heads, number, SealedDocument.Write(sealer, Purpose(number), content), cancellationToken) is not null;
    }

    private static string Purpose(long number) => $"head {number}";
}
