using BackupTool.Packs;
using BackupTool.Ring;
using BackupTool.Vault;
using P2P.Past;

namespace BackupTool.Repository;

/// <summary>Is a repository that is open: its keys, its place in the ring, and what stands in its catalog.</summary>
internal sealed class BackupRepository : IDisposable
{
    private const int FetchesMax = 8;

    private BackupRepository(FileId id, IPastStore store, RepositoryKeys keys, int replicas)
    {
        (Id, Keys) = (id, keys);
        Sealer = new Sealer(keys.Sealing);
        Shelf = new Shelf(store, keys, replicas);
        Coder = new ChunkCoder(keys, Sealer);
        Heads = new HeadLog(Shelf, Sealer);
    }

    /// <summary>The id of the file that holds its sealed keys: with the passphrase, all that anyone needs to know.</summary>
    public FileId Id { get; }

    public RepositoryKeys Keys { get; }

    public Sealer Sealer { get; }

    public Shelf Shelf { get; }

    public ChunkCoder Coder { get; }

    public HeadLog Heads { get; }

    /// <summary>Begins a repository.</summary>
    /// <exception cref="BackupException">The ring does not take it.</exception>
    public static async Task<BackupRepository> CreateAsync(IPastStore store, string passphrase, int replicas, CancellationToken cancellationToken)
    {
        var (config, keys) = KeyConfig.Create(passphrase, replicas);
        var id = await new Shelf(store, keys, replicas).StoreAsync("config", config.Write(), cancellationToken);
        var repository = new BackupRepository(id, store, keys, replicas);
        await repository.Heads.BeginAsync(cancellationToken);
        return repository;
    }

    /// <summary>Opens a repository.</summary>
    /// <exception cref="BackupException">There is none, the passphrase is another, or the ring does not give it.</exception>
    public static async Task<BackupRepository> OpenAsync(IPastStore store, FileId id, string passphrase, CancellationToken cancellationToken)
    {
        if (await store.LookupAsync(id, cancellationToken) is not LookupResult.Found { File: var file })
        {
            throw new BackupException(ExitCode.NoRepository, $"There is no repository {id} in this ring, or those who hold it do not answer.");
        }

        var config = KeyConfig.Read(await Shelf.ReadAsync(file, cancellationToken));
        var keys = config.Open(passphrase);
        return keys.Owner.PublicKey.Equals(file.Certificate.Owner)
            ? new(id, store, keys, config.Replicas)
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

    /// <summary>Reads indexes; each pack is given once.</summary>
    public async Task<IReadOnlyList<Pack>> LoadPacksAsync(IReadOnlyList<string> indexes, CancellationToken cancellationToken)
    {
        using var places = new SemaphoreSlim(FetchesMax);
        var read = await Task.WhenAll(indexes.Select(async file =>
        {
            await places.WaitAsync(cancellationToken);
            try
            {
                return IndexFormat.Read(Sealer, await Shelf.ReadAsync(FileId.Parse(file), cancellationToken) ?? throw new BackupException($"The ring has lost an index of the repository, {file}."));
            }
            finally
            {
                places.Release();
            }
        }));
        return [.. read.SelectMany(packs => packs).DistinctBy(pack => pack.File)];
    }

    public void Dispose()
    {
        Coder.Dispose();
        Sealer.Dispose();
        Keys.Dispose();
    }
}
