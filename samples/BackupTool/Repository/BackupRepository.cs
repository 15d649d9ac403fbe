using BackupTool.Packs;
using BackupTool.Ring;
using BackupTool.Vault;
using P2P.Past;

namespace BackupTool.Repository;

/// <summary>Is a repository that is open: its keys, its place in the ring, and what stands in its catalog.</summary>
internal sealed class BackupRepository : IDisposable
{
    private const int FetchesMax = 8;

    /// <summary>At 41 bytes a chunk, an index takes some 40 MB.</summary>
    private const int IndexedChunksMax = 1_000_000;

    private readonly LocalMemory _memory;
    private int _packs;

    private BackupRepository(FileId id, IPastStore store, RepositoryKeys keys, int replicas, string memoryFolder, TimeProvider time)
    {
        (Id, Keys) = (id, keys);
        Sealer = new Sealer(keys.Sealing);
        Shelf = new Shelf(store, keys, replicas);
        Coder = new ChunkCoder(keys, Sealer);
        _memory = new LocalMemory(Path.Join(memoryFolder, id.ToString()));
        Heads = new HeadLog(Shelf, Sealer, _memory, time);
    }

    /// <summary>The id of the file that holds its sealed keys: with the passphrase, all that anyone needs to know.</summary>
    public FileId Id { get; }

    public RepositoryKeys Keys { get; }

    public Sealer Sealer { get; }

    public Shelf Shelf { get; }

    public ChunkCoder Coder { get; }

    public HeadLog Heads { get; }

    /// <summary>The number of the next pack of this run.</summary>
    public int NextPack => Volatile.Read(ref _packs);

    /// <summary>Takes the number of the next pack of this run.</summary>
    public int TakePackNumber() => Interlocked.Increment(ref _packs) - 1;

    /// <summary>Begins a repository.</summary>
    /// <param name="store">The archive.</param>
    /// <param name="passphrase">What opens it.</param>
    /// <param name="settings">How many nodes hold each file, and what it costs to try a passphrase.</param>
    /// <param name="memoryFolder">Where this machine remembers repositories (<see cref="LocalMemory"/>).</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BackupException">The ring does not take it.</exception>
    public static async Task<BackupRepository> CreateAsync(IPastStore store, string passphrase, KeyConfig settings, string memoryFolder, TimeProvider time, CancellationToken cancellationToken)
    {
        var (config, keys) = KeyConfig.Create(passphrase, settings);
        var id = await new Shelf(store, keys, config.Replicas).StoreAsync("config", config.Write(), cancellationToken);
        var repository = new BackupRepository(id, store, keys, config.Replicas, memoryFolder, time);
        await repository.Heads.BeginAsync(cancellationToken);
        return repository;
    }

    /// <summary>Opens a repository.</summary>
    /// <param name="store">The archive.</param>
    /// <param name="id">The repository's id.</param>
    /// <param name="passphrase">What opens it.</param>
    /// <param name="memoryFolder">Where this machine remembers repositories (<see cref="LocalMemory"/>).</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="BackupException">There is none, the passphrase is another, or the ring does not give it.</exception>
    public static async Task<BackupRepository> OpenAsync(IPastStore store, FileId id, string passphrase, string memoryFolder, TimeProvider time, CancellationToken cancellationToken)
    {
        var file = await store.LookupAsync(id, cancellationToken) switch
        {
            LookupResult.Found found => found.File,
            LookupResult.NotFound => throw new BackupException(ExitCode.NoRepository, $"There is no repository {id} in this ring."),
            _ => throw new BackupException(ExitCode.RingUnavailable, $"The nodes that should hold the keys of repository {id} do not answer; try again later."),
        };
        var config = KeyConfig.Read(await Shelf.ReadAsync(file, cancellationToken));
        var keys = config.Open(passphrase);
        return keys.Owner.PublicKey.Equals(file.Certificate.Owner)
            ? new(id, store, keys, config.Replicas, memoryFolder, time)
            : throw new BackupException(ExitCode.NoRepository, $"The keys in {id} are a copy from another repository; somebody may want you to use it.");
    }

    /// <summary>Reads which chunks there are.</summary>
    public async Task<ChunkIndex> LoadIndexAsync(Catalog catalog, CancellationToken cancellationToken)
    {
        var index = new ChunkIndex();
        foreach (var pack in await LoadPacksAsync(catalog.Indexes, cancellationToken))
        {
            index.Add(pack);
        }

        return index;
    }

    /// <summary>Writes indexes of packs, none so long that it could not be read.</summary>
    public async Task<IReadOnlyList<FileId>> StoreIndexesAsync(IReadOnlyList<Pack> packs, CancellationToken cancellationToken)
    {
        var (files, batch, chunks) = (new List<FileId>(), new List<Pack>(), 0);
        foreach (var pack in packs)
        {
            batch.Add(pack);
            chunks += pack.Chunks.Count;
            if (chunks >= IndexedChunksMax)
            {
                files.Add(await StoreAsync());
            }
        }

        return batch.Count == 0 ? files : [.. files, await StoreAsync()];

        async Task<FileId> StoreAsync()
        {
            var file = await Shelf.StoreAsync("index", IndexFormat.Write(Sealer, batch), cancellationToken);
            batch.Clear();
            chunks = 0;
            return file;
        }
    }

    /// <summary>Reads indexes; each pack is given once.</summary>
    public async Task<IReadOnlyList<Pack>> LoadPacksAsync(IReadOnlyList<string> indexes, CancellationToken cancellationToken)
    {
        using var places = new SemaphoreSlim(FetchesMax);
        var read = await Task.WhenAll(indexes.Select(async file =>
        {
            await places.WaitAsync(cancellationToken);
            try
            {
                return await LoadPacksAsync(FileId.Parse(file), cancellationToken);
            }
            finally
            {
                places.Release();
            }
        }));
        _memory.KeepOnly(indexes);
        return [.. read.SelectMany(packs => packs).DistinctBy(pack => pack.File)];
    }

    private async Task<IReadOnlyList<Pack>> LoadPacksAsync(FileId file, CancellationToken cancellationToken)
    {
        if (_memory.TryRead(file) is { } remembered)
        {
            try
            {
                return IndexFormat.Read(Sealer, remembered);
            }
            catch (BackupException)
            {
                // Something has happened to the file on this machine; the ring has it.
            }
        }

        var document = await Shelf.ReadAsync(file, cancellationToken) ?? throw new BackupException($"The ring has lost an index of the repository, {file}.");
        var packs = IndexFormat.Read(Sealer, document);
        _memory.Remember(file, document);
        return packs;
    }

    public void Dispose()
    {
        Coder.Dispose();
        Sealer.Dispose();
        Keys.Dispose();
    }
}
