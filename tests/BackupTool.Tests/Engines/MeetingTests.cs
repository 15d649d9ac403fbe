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
        await Assert.ThrowsAsync<InvalidOperationException>(() => workshop.BackUpAsync(one));

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

    /// <summary>Is a clock that is seven hours behind.</summary>
    private sealed class SlowClock : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow().AddHours(-7);
    }
}
