namespace BackupTool.Tests.Engines;

/// <summary>Backups and prunes that meet, and such that are broken off.</summary>
public sealed class MeetingTests
{
    [Fact]
    public async Task A_backup_whose_chunks_a_prune_takes_away_fails_and_the_next_one_is_whole()
    {
        await using var workshop = await Workshop.BeginAsync();
        workshop.Write("file", seed: 1);
        var (one, _) = await workshop.OpenAsync();
        var first = await workshop.BackUpAsync(one);
        await Workshop.ForgetAsync(one, first.Snapshot);

        var (other, store) = await workshop.OpenAsync();
        store.BeforeInsert = async name =>
        {
            // All is there already, so that this is the catalog that names the snapshot.
            Assert.Equal("catalog", name);
            store.BeforeInsert = _ => Task.CompletedTask;
            await Workshop.PruneAsync(one);
        };
        var failure = await Assert.ThrowsAsync<BackupException>(() => workshop.BackUpAsync(other));
        Assert.Contains("prune", failure.Message, StringComparison.Ordinal);

        await workshop.AssertWholeAsync((await workshop.BackUpAsync(other)).Snapshot);
    }

    [Theory]
    [InlineData("pack")]
    [InlineData("index")]
    [InlineData("catalog")]
    [InlineData("head")]
    public async Task A_prune_begins_again_where_a_backup_ends_meanwhile(string at)
    {
        await using var workshop = await Workshop.BeginAsync();
        workshop.Write("stays", seed: 1);
        workshop.Write("goes", seed: 2);
        var (one, store) = await workshop.OpenAsync();
        var first = await workshop.BackUpAsync(one);
        File.Delete(Path.Join(workshop.Source, "goes"));
        var second = await workshop.BackUpAsync(one);
        await Workshop.ForgetAsync(one, first.Snapshot);

        var (other, _) = await workshop.OpenAsync();
        Backup.BackupOutcome? meanwhile = null;
        store.BeforeInsert = async name =>
        {
            if (name == at)
            {
                store.BeforeInsert = _ => Task.CompletedTask;
                workshop.Write("comes", seed: 3);
                meanwhile = await workshop.BackUpAsync(other, "another");
            }
        };
        Assert.NotEmpty((await Workshop.PruneAsync(one)).Repacked);
        File.Delete(Path.Join(workshop.Source, "comes"));
        await workshop.AssertWholeAsync(second.Snapshot, meanwhile!.Snapshot);
        await Workshop.PruneAsync(one);
        await workshop.AssertNothingLeftBehindAsync();
    }

    [Fact]
    public async Task What_a_prune_that_was_broken_off_has_left_the_next_one_takes_back()
    {
        await using var workshop = await Workshop.BeginAsync();
        workshop.Write("file", seed: 1);
        var (one, store) = await workshop.OpenAsync();
        var first = await workshop.BackUpAsync(one);
        workshop.Write("file", seed: 2);
        var second = await workshop.BackUpAsync(one);
        await Workshop.ForgetAsync(one, first.Snapshot);
        store.BeforeReclaim = () => throw new InvalidOperationException("killed");
        await Assert.ThrowsAsync<InvalidOperationException>(() => Workshop.PruneAsync(one));
        await workshop.AssertWholeAsync(second.Snapshot);

        var (other, _) = await workshop.OpenAsync();
        await Workshop.PruneAsync(other);
        await workshop.AssertNothingLeftBehindAsync();
        await workshop.AssertWholeAsync(second.Snapshot);
    }

    [Fact]
    public async Task What_a_backup_that_was_broken_off_has_stored_is_not_stored_again()
    {
        await using var workshop = await Workshop.BeginAsync();
        for (var file = 0; file < 4; file++)
        {
            workshop.Write($"file {file}", seed: file, length: 16_000_000);
        }

        var (one, store) = await workshop.OpenAsync();
        var packs = 0;
        store.BeforeInsert = name => name == "pack" && Interlocked.Increment(ref packs) == 3 ? throw new InvalidOperationException("killed") : Task.CompletedTask;
        Assert.Equal("killed", (await Assert.ThrowsAsync<BackupException>(() => workshop.BackUpAsync(one))).Message);

        var (other, _) = await workshop.OpenAsync();
        var outcome = await workshop.BackUpAsync(other);
        Assert.InRange(outcome.ResumedBytes, 25_000_000, 64_000_000);
        Assert.InRange(outcome.Snapshot.AddedBytes, 0, 64_100_000 - outcome.ResumedBytes);
        await workshop.AssertWholeAsync(outcome.Snapshot);
        await workshop.AssertNothingLeftBehindAsync();
    }

    [Fact]
    public async Task Two_backups_at_once_are_both_kept()
    {
        await using var workshop = await Workshop.BeginAsync();
        workshop.Write("file", seed: 1, length: 20_000_000);
        var (one, _) = await workshop.OpenAsync();
        var (other, _) = await workshop.OpenAsync();
        var outcomes = await Task.WhenAll(workshop.BackUpAsync(one, "one"), workshop.BackUpAsync(other, "other"));
        await workshop.AssertWholeAsync([.. outcomes.Select(outcome => outcome.Snapshot)]);
        await Workshop.PruneAsync(one);
        await workshop.AssertNothingLeftBehindAsync();
        await workshop.AssertWholeAsync([.. outcomes.Select(outcome => outcome.Snapshot)]);
    }

    [Fact]
    public async Task A_backup_that_a_prune_takes_for_broken_off_fails_rather_than_rely_on_what_is_taken_back()
    {
        await using var workshop = await Workshop.BeginAsync();
        workshop.Write("file", seed: 1);
        var (one, store) = await workshop.OpenAsync();
        var (other, _) = await workshop.OpenAsync();
        store.BeforeInsert = async name =>
        {
            if (name == "index")
            {
                store.BeforeInsert = _ => Task.CompletedTask;
                await Workshop.PruneAsync(other);
            }
        };
        var failure = await Assert.ThrowsAsync<BackupException>(() => workshop.BackUpAsync(one, time: new SlowClock()));
        Assert.Contains("broken off", failure.Message, StringComparison.Ordinal);
        await workshop.AssertWholeAsync((await workshop.BackUpAsync(other)).Snapshot);
    }

    [Fact]
    public async Task What_a_prune_takes_back_of_a_backup_that_was_broken_off_is_not_taken_over_by_another()
    {
        await using var workshop = await Workshop.BeginAsync();
        workshop.Write("file", seed: 1);
        var (one, store) = await workshop.OpenAsync();
        store.BeforeInsert = name => name == "index" ? throw new InvalidOperationException("killed") : Task.CompletedTask;
        await Assert.ThrowsAsync<InvalidOperationException>(() => workshop.BackUpAsync(one, time: new SlowClock()));

        // The next backup has found the packs, and is about to say that it goes on with them.
        var (other, otherStore) = await workshop.OpenAsync();
        var (third, _) = await workshop.OpenAsync();
        otherStore.BeforeInsert = async name =>
        {
            otherStore.BeforeInsert = _ => Task.CompletedTask;
            await Workshop.PruneAsync(third);
        };
        var outcome = await workshop.BackUpAsync(other);
        Assert.Equal(0, outcome.ResumedBytes);
        await workshop.AssertWholeAsync(outcome.Snapshot);
        await workshop.AssertNothingLeftBehindAsync();
    }

    [Fact]
    public async Task A_prune_spares_what_a_backup_that_goes_on_has_stored_and_made_known()
    {
        await using var workshop = await Workshop.BeginAsync();
        workshop.Write("file", seed: 1);
        var (one, store) = await workshop.OpenAsync();
        var (other, _) = await workshop.OpenAsync();
        var clock = new HourlyClock();
        store.BeforeInsert = async name =>
        {
            if (name == "catalog" && clock.Hours == 0)
            {
                // The pack is in an index half an hour later, though no snapshot tells of it.
                clock.Hours = 1;
            }
            else if (name == "catalog" && (await other.Heads.ReadAsync(default)).Indexes.Count > 0)
            {
                store.BeforeInsert = _ => Task.CompletedTask;
                Assert.Empty((await Workshop.PruneAsync(other)).Unused);
            }
        };
        var outcome = await workshop.BackUpAsync(one, time: clock);
        await workshop.AssertWholeAsync(outcome.Snapshot);
        await workshop.AssertNothingLeftBehindAsync();
    }

    [Fact]
    public async Task What_is_lost_is_stored_again_by_the_next_backup_after_a_repair_and_earlier_snapshots_are_whole_again()
    {
        await using var workshop = await Workshop.BeginAsync();
        workshop.Write("file", seed: 1);
        var (one, _) = await workshop.OpenAsync();
        var first = await workshop.BackUpAsync(one);
        var catalog = await one.Heads.ReadAsync(default);
        var pack = (await one.LoadPacksAsync(catalog.Indexes, default)).MaxBy(pack => pack.Length)!;
        Assert.True(await one.Shelf.ReclaimAsync(pack.File, default));

        var (other, _) = await workshop.OpenAsync();
        var check = new global::BackupTool.Upkeep.RepositoryCheck(other, readsData: true, new Backup.Counters());
        await check.RunAsync(default);
        Assert.NotEmpty(check.Problems);
        await check.RepairAsync(default);
        var second = await workshop.BackUpAsync(other, "another");
        Assert.True(second.Snapshot.AddedBytes >= 3_000_000);
        await workshop.AssertWholeAsync(first.Snapshot, second.Snapshot);
    }

    [Fact]
    public async Task Many_small_packs_are_packed_together()
    {
        await using var workshop = await Workshop.BeginAsync();
        var (one, _) = await workshop.OpenAsync();
        Backup.BackupOutcome? last = null;
        for (var number = 0; number < 18; number++)
        {
            workshop.Write($"file {number}", seed: number, length: 1000);
            last = await workshop.BackUpAsync(one, $"host {number}");
        }

        var catalog = await one.Heads.ReadAsync(default);
        Assert.True((await one.LoadPacksAsync(catalog.Indexes, default)).Count >= 18);
        await one.Heads.ChangeAsync(now => now with { Snapshots = [last!.Snapshot] }, default);
        await Workshop.PruneAsync(one);
        await workshop.AssertWholeAsync(last!.Snapshot);
        catalog = await one.Heads.ReadAsync(default);
        Assert.InRange((await one.LoadPacksAsync(catalog.Indexes, default)).Count, 1, 2);
        await workshop.AssertNothingLeftBehindAsync();
    }

    [Fact]
    public async Task A_path_that_leads_through_a_link_is_kept_with_all_that_is_in_it()
    {
        await using var workshop = await Workshop.BeginAsync();
        workshop.Write("file", seed: 1, length: 1000);
        var link = workshop.Source + " link";
        Directory.CreateSymbolicLink(link, Path.GetDirectoryName(workshop.Source)!);
        var (one, _) = await workshop.OpenAsync();
        var request = new Backup.BackupRequest { Paths = [Path.Join(link, "source")] };
        var outcome = await new Backup.BackupRun(one, request, new(), TimeProvider.System, (path, problem) => Assert.Fail($"{path}: {problem}")).RunAsync(default);
        Assert.Equal((1, 1000), (outcome.Snapshot.Files, outcome.Snapshot.Bytes));
    }

    /// <summary>Is a clock that is put forward by hand.</summary>
    private sealed class HourlyClock : TimeProvider
    {
        public int Hours { get; set; }

        public override long GetTimestamp() => System.GetTimestamp() + (Hours * TimestampFrequency * 3600);
    }

    /// <summary>Is a clock that is seven hours behind.</summary>
    private sealed class SlowClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddHours(-7);
    }
}
