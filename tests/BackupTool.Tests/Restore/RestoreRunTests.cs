using BackupTool.Backup;
using BackupTool.Chunks;
using BackupTool.Files;
using BackupTool.Packs;
using BackupTool.Repository;
using BackupTool.Restore;
using BackupTool.Tests.Engines;
using BackupTool.Tests.Files;
using BackupTool.Trees;
using Mono.Unix.Native;

namespace BackupTool.Tests.Restore;

/// <summary>Restores that are broken off, that meet a prune, damage, or files that are there.</summary>
public sealed class RestoreRunTests
{
    private readonly Problems _problems = new();
    private readonly Counters _counters = new();

    [Theory]
    [InlineData(100)]
    [InlineData(5_000_000)]
    public async Task A_file_that_the_ring_has_lost_leaves_what_it_would_have_replaced(int length)
    {
        await using var workshop = await Workshop.BeginAsync();
        workshop.Write("file", seed: 1, length);
        var (repository, _) = await workshop.OpenAsync();
        var snapshot = (await workshop.BackUpAsync(repository)).Snapshot;
        var index = await IndexAsync(repository);
        foreach (var pack in DataPacks(index, snapshot))
        {
            await repository.Shelf.ReclaimAsync(pack.File, default);
        }

        Directory.CreateDirectory(workshop.Restored);
        File.WriteAllText(Path.Join(workshop.Restored, "file"), "mine");
        await RestoreAsync(workshop, repository, index, snapshot);

        _problems.AssertOne("file", "the ring has lost it");
        Assert.Equal("mine", File.ReadAllText(Path.Join(workshop.Restored, "file")));
        Assert.Equal(0, _counters.Files);
    }

    [Fact]
    public async Task A_restore_that_is_broken_off_leaves_whole_files_and_no_others()
    {
        await using var workshop = await Workshop.BeginAsync();
        workshop.Write("one", seed: 1, 30_000_000);
        workshop.Write("other", seed: 2, 30_000_000);
        workshop.Write("small", seed: 3, 10);
        var (repository, store) = await workshop.OpenAsync();
        var snapshot = (await workshop.BackUpAsync(repository)).Snapshot;
        var index = await IndexAsync(repository);
        var packs = DataPacks(index, snapshot).Select(pack => pack.File).ToList();
        using var stop = new CancellationTokenSource();
        var looked = 0;
        store.BeforeLookup = file => packs.Contains(file) && Interlocked.Increment(ref looked) == packs.Count ? stop.CancelAsync() : Task.CompletedTask;

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => RestoreAsync(workshop, repository, index, snapshot, cancellationToken: stop.Token));

        Assert.All(
            Directory.GetFiles(workshop.Restored),
            file => Assert.Equal(File.ReadAllBytes(Path.Join(workshop.Source, Path.GetFileName(file))), File.ReadAllBytes(file)));
        Assert.InRange(Directory.GetFiles(workshop.Restored).Length, 0, 2);
        _problems.AssertNone();
    }

    [UnixFact]
    public async Task Names_of_one_file_of_which_one_is_kept_are_one_file_without_it()
    {
        await using var workshop = await Workshop.BeginAsync();
        int[] lengths = [0, 100, 5_000_000];
        foreach (var length in lengths)
        {
            workshop.Write($"{length} a", seed: 1, length);
            Assert.Equal(0, Syscall.link(Path.Join(workshop.Source, $"{length} a"), Path.Join(workshop.Source, $"{length} b")));
            Assert.Equal(0, Syscall.link(Path.Join(workshop.Source, $"{length} a"), Path.Join(workshop.Source, $"{length} c")));
        }

        var (repository, _) = await workshop.OpenAsync();
        var snapshot = (await workshop.BackUpAsync(repository)).Snapshot;
        Directory.CreateDirectory(workshop.Restored);
        Assert.All(lengths, length => File.WriteAllText(Path.Join(workshop.Restored, $"{length} a"), "mine"));
        await RestoreAsync(workshop, repository, await IndexAsync(repository), snapshot, keepsExisting: true);

        _problems.AssertNone();
        Assert.Equal((6, 9), (_counters.Files, _counters.FilesTotal));
        Assert.All(lengths, length =>
        {
            Assert.Equal("mine", File.ReadAllText(Path.Join(workshop.Restored, $"{length} a")));
            Assert.Equal(File.ReadAllBytes(Path.Join(workshop.Source, $"{length} b")), File.ReadAllBytes(Path.Join(workshop.Restored, $"{length} b")));
            Assert.Equal(FileStatus.Of(Path.Join(workshop.Restored, $"{length} b")).Inode, FileStatus.Of(Path.Join(workshop.Restored, $"{length} c")).Inode);
        });
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task What_a_prune_of_another_machine_moves_is_found_where_it_is_now(bool isBeforePlanning)
    {
        await using var workshop = await Workshop.BeginAsync();
        Directory.CreateDirectory(Path.Join(workshop.Source, "folder"));
        workshop.Write("folder/stays", seed: 1);
        workshop.Write("goes", seed: 2);
        var (repository, store) = await workshop.OpenAsync();
        var first = (await workshop.BackUpAsync(repository)).Snapshot;
        File.Delete(Path.Join(workshop.Source, "goes"));
        var second = (await workshop.BackUpAsync(repository)).Snapshot;
        var index = await IndexAsync(repository);
        var packs = DataPacks(index, second).Where(pack => pack.Length > 1_000_000).Select(pack => pack.File).ToHashSet();
        var (other, _) = await workshop.OpenAsync();
        store.BeforeLookup = async file =>
        {
            if (isBeforePlanning || packs.Contains(file))
            {
                store.BeforeLookup = _ => Task.CompletedTask;
                await Workshop.ForgetAsync(other, first);
                Assert.NotEmpty((await Workshop.PruneAsync(other)).Repacked);
            }
        };

        await RestoreAsync(workshop, repository, index, second);

        _problems.AssertNone();
        Assert.Equal(File.ReadAllBytes(Path.Join(workshop.Source, "folder", "stays")), File.ReadAllBytes(Path.Join(workshop.Restored, "folder", "stays")));
        Assert.Equal((1, 1), (_counters.Files, _counters.FilesTotal));
    }

    [Fact]
    public async Task That_nothing_fits_what_is_to_be_included_is_a_failure()
    {
        await using var workshop = await Workshop.BeginAsync();
        workshop.Write("file", seed: 1, 10);
        var (repository, _) = await workshop.OpenAsync();
        var snapshot = (await workshop.BackUpAsync(repository)).Snapshot;
        var index = await IndexAsync(repository);

        var failure = await Assert.ThrowsAsync<BackupException>(() => RestoreAsync(workshop, repository, index, snapshot, includes: ["fiel"]));

        Assert.Equal(ExitCode.Failed, failure.Code);
        Assert.Contains("Nothing", failure.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFileSystemEntries(workshop.Target));
        await RestoreAsync(workshop, repository, index, snapshot, includes: ["fiel", "file"]);
        Assert.True(File.Exists(Path.Join(workshop.Restored, "file")));
    }

    [Fact]
    public void A_file_whose_chunks_come_on_several_threads_is_finished_once()
    {
        using var folder = new TemporaryFolder();
        using var target = new RestoreTarget(folder.In("target"), keepsExisting: false, _problems.Add);
        var chunks = Enumerable.Range(0, 64).Select(_ => default(ChunkId)).ToList();
        var job = new FileJob(target.Root.MakeFile(new() { Name = "file", Kind = EntryKind.File, Length = 64, Chunks = chunks })!);
        var finished = 0;

        Parallel.For(0, 64, number => Interlocked.Add(ref finished, job.Write(number, "x"u8) ? 1 : 0));

        Assert.Equal((1, true), (finished, job.IsDone));
        Assert.Equal(new string('x', 64), File.ReadAllText(folder.In("target", "file")));
    }

    private static async Task<ChunkIndex> IndexAsync(BackupRepository repository) => await repository.LoadIndexAsync(await repository.Heads.ReadAsync(default), default);

    private static IEnumerable<Pack> DataPacks(ChunkIndex index, Snapshot snapshot) =>
        index.Packs.Where(pack => pack.Chunks.All(chunk => chunk.Id != ChunkId.Parse(snapshot.Root)));

    private async Task RestoreAsync(
        Workshop workshop, BackupRepository repository, ChunkIndex index, Snapshot snapshot, bool keepsExisting = false, string[]? includes = null, CancellationToken cancellationToken = default)
    {
        using var target = new RestoreTarget(workshop.Target, keepsExisting, _problems.Add);
        await new RestoreRun(repository, index, target, includes ?? [], _counters, _problems.Add).RunAsync(snapshot, cancellationToken);
    }
}
