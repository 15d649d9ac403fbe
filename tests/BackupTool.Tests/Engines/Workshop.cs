using BackupTool.Backup;
using BackupTool.Files;
using BackupTool.Repository;
using BackupTool.Restore;
using BackupTool.Upkeep;
using P2P.Past;

namespace BackupTool.Tests.Engines;

/// <summary>Is a ring within the test, a repository in it, and folders to back up and to restore to.</summary>
internal sealed class Workshop : IAsyncDisposable
{
    private readonly TemporaryFolder _folder;
    private readonly EmbeddedRing _ring;
    private readonly List<BackupRepository> _opened = [];
    private int _restored;

    private Workshop(TemporaryFolder folder, EmbeddedRing ring, BackupRepository repository)
    {
        (_folder, _ring) = (folder, ring);
        _opened.Add(repository);
    }

    public string Source => _folder.In("source");

    /// <summary>A folder to restore to, in which <see cref="Source"/> comes to lie at <see cref="Restored"/>.</summary>
    public string Target => _folder.In("target");

    public string Restored => Target + Source;

    public IReadOnlyList<PastStore> Stores => _ring.Stores;

    public static async Task<Workshop> BeginAsync()
    {
        var folder = new TemporaryFolder();
        var ring = await EmbeddedRing.StartAsync(new() { Directory = folder.In("ring"), Nodes = 3 });
        return new(folder, ring, await BackupRepository.CreateAsync(ring.Store, "passphrase", new() { Replicas = 2, MemoryKiB = 8 * 1024, Passes = 1 }, folder.In("memory"), TimeProvider.System, default));
    }

    /// <summary>Opens the repository as another machine does.</summary>
    public async Task<(BackupRepository Repository, WatchedStore Store)> OpenAsync()
    {
        var store = new WatchedStore(_ring.Stores[_opened.Count % _ring.Stores.Count]);
        var repository = await BackupRepository.OpenAsync(store, _opened[0].Id, "passphrase", _folder.In("memory", $"{_opened.Count}"), TimeProvider.System, default);
        _opened.Add(repository);
        return (repository, store);
    }

    /// <summary>Writes a file of bytes that no other seed gives.</summary>
    public void Write(string name, int seed, int length = 3_000_000)
    {
        Directory.CreateDirectory(Source);
        var content = new byte[length];
        new Random(seed).NextBytes(content);
        File.WriteAllBytes(Path.Join(Source, name), content);
    }

    /// <param name="repository">Where it goes.</param>
    /// <param name="host">Who backs up.</param>
    /// <param name="time">The clock of that machine; default the system's.</param>
    public Task<BackupOutcome> BackUpAsync(BackupRepository repository, string host = "host", TimeProvider? time = null) =>
        new BackupRun(repository, new() { Paths = [Source], Host = host }, new Counters(), time ?? TimeProvider.System, (path, problem) => Assert.Fail($"{path}: {problem}")).RunAsync(default);

    public static Task ForgetAsync(BackupRepository repository, Snapshot snapshot) =>
        repository.Heads.ChangeAsync(catalog => catalog with { Snapshots = [.. catalog.Snapshots.Where(other => other.Id != snapshot.Id)] }, default);

    public static Task<PrunePlan> PruneAsync(BackupRepository repository) => new Pruning(repository, "host", new Counters(), TimeProvider.System).RunAsync(default);

    /// <summary>Checks that every chunk is there and can be read, and that snapshots come back as the source is now.</summary>
    public async Task AssertWholeAsync(params Snapshot[] snapshots)
    {
        var (repository, _) = await OpenAsync();
        var check = new RepositoryCheck(repository, readsData: true, new Counters());
        await check.RunAsync(default);
        Assert.Empty(check.Problems);
        var catalog = await repository.Heads.ReadAsync(default);
        Assert.Equal(snapshots.Select(snapshot => snapshot.Id).Order(), catalog.Snapshots.Select(snapshot => snapshot.Id).Order());
        var index = await repository.LoadIndexAsync(catalog, default);
        foreach (var snapshot in snapshots)
        {
            var folder = _folder.In($"restored {_restored++}");
            using var target = new RestoreTarget(folder, keepsExisting: false, (path, problem) => Assert.Fail($"{path}: {problem}"));
            await new RestoreRun(repository, index, target, [], new Counters(), (path, problem) => Assert.Fail($"{path}: {problem}")).RunAsync(snapshot, default);
            foreach (var file in Directory.GetFiles(Source))
            {
                Assert.Equal(File.ReadAllBytes(file), File.ReadAllBytes(folder + file));
            }
        }
    }

    /// <summary>Checks that the ring holds what the catalog names, and nothing else but heads and catalogs.</summary>
    public async Task AssertNothingLeftBehindAsync()
    {
        var (repository, _) = await OpenAsync();
        var catalog = await repository.Heads.ReadAsync(default);
        Assert.Empty(catalog.Doomed);
        var packs = await repository.LoadPacksAsync(catalog.Indexes, default);
        var large = Stores.SelectMany(store => Held(store)).Distinct().ToHashSet();
        foreach (var pack in packs)
        {
            Assert.True(large.Remove(pack.File));
        }

        foreach (var file in large)
        {
            Assert.True(await repository.Shelf.FindAsync(file, default) is null or { Length: < 100_000 }, $"Nobody knows of {file}.");
        }
    }

    public async ValueTask DisposeAsync()
    {
        _opened.ForEach(repository => repository.Dispose());
        await _ring.DisposeAsync();
        _folder.Dispose();
    }

    private static FileId[] Held(PastStore store)
    {
        var page = new StoredReplica[4096];
        return [.. page[..store.Replicas.List(KeyRange.All, null, page)].Select(replica => replica.FileId)];
    }
}
