using P2P.Past;

namespace Past.Tests.Storage.Disk;

public sealed class CrashTests : DiskStoreTest
{
    /// <summary>Two hundred where P2P_LONG is 1.</summary>
    private static readonly int Rounds = Environment.GetEnvironmentVariable("P2P_LONG") == "1" ? 200 : 10;

    private readonly Dictionary<int, string> _last = [];

    [Fact]
    public async Task Whenever_a_process_is_killed_all_that_it_was_told_is_true_and_nothing_else_is_left()
    {
        var random = new Random(7);
        for (var round = 0; round < Rounds; round++)
        {
            var firstFile = _last.Count == 0 ? 0 : _last.Keys.Max() + 1;
            await StoreUntilKilledAsync(firstFile, lines: random.Next(20, 400));

            await using var store = await StoringProcess.OpenAsync(Root);
            await using var neighbor = await StoringProcess.OpenAsync(StoringProcess.NeighborOf(Root));
            foreach (var (file, said) in _last.Where(last => last.Key >= firstFile || round % 10 == 9).ToArray())
            {
                await CheckAsync(store, neighbor, file, said);
            }

            Assert.Equal((0, 0), (await store.SweepAsync(), await neighbor.SweepAsync()));
            Assert.Equal(_last.Count(last => last.Value == StoringProcess.Stored), store.Usage.Count);
            Assert.Equal(_last.Count(last => last.Value == StoringProcess.Migrated), neighbor.Usage.Count);
            Assert.Equal(Replicas().Length, _last.Count(last => last.Value == StoringProcess.Stored && StoringProcess.Content(last.Key).Length > 64 * 1024));
        }
    }

    /// <summary>Kills the process after it has said something so often: somewhere in the middle of what it does then.</summary>
    private async Task StoreUntilKilledAsync(int firstFile, int lines)
    {
        using var process = StoringProcess.Start(Root, firstFile);
        for (var count = 0; await process.StandardOutput.ReadLineAsync() is { } line; count++)
        {
            if (line.Split(' ') is [var verb, var file])
            {
                _last[int.Parse(file)] = verb;
            }

            if (count == lines)
            {
                process.Kill();
            }
        }

        await process.WaitForExitAsync();
        Assert.NotEqual(0, process.ExitCode);
        Assert.True(_last.Keys.Max() >= firstFile, "The process has stored nothing.");
    }

    private async Task CheckAsync(DiskReplicaStore store, DiskReplicaStore neighbor, int file, string said)
    {
        var id = StoringProcess.Certify(file).FileId;
        switch (said)
        {
            case StoringProcess.Stored:
                await AssertReadableAsync(store, file);
                break;
            case StoringProcess.Reclaimed:
                Assert.False(store.Contains(id), $"File {file} was taken back and is there.");
                Assert.True(store.IsReclaimed(id), $"File {file} was taken back, which is forgotten.");
                break;
            case StoringProcess.Migrated:
                Assert.False(store.Contains(id), $"File {file} was given away and is there.");
                await AssertReadableAsync(neighbor, file);
                break;
            case StoringProcess.Reclaim:
                // It was at it: the replica is whole, or it is gone for good.
                if (!store.IsReclaimed(id))
                {
                    await AssertReadableAsync(store, file);
                    await StoringProcess.ReclaimAsync(store, file);
                }

                _last[file] = StoringProcess.Reclaimed;
                break;
            case StoringProcess.Migrate:
                await AssertReadableAsync(store.Contains(id) ? store : neighbor, file);
                Assert.NotEqual(ReplicaCondition.Corrupt, await neighbor.VerifyAsync(id));
                await StoringProcess.MigrateAsync(store, neighbor, file);
                _last[file] = StoringProcess.Migrated;
                break;
            default:
                // It was at it: the replica is whole or absent, and can be stored.
                Assert.NotEqual(ReplicaCondition.Corrupt, await store.VerifyAsync(id));
                if (!store.Contains(id))
                {
                    await StoringProcess.StoreAsync(store, file);
                }

                _last[file] = StoringProcess.Stored;
                break;
        }
    }

    private static async Task AssertReadableAsync(DiskReplicaStore store, int file)
    {
        var content = StoringProcess.Content(file);
        await using var open = await store.OpenReadAsync(StoringProcess.Certify(file).FileId);
        Assert.True(open is not null, $"File {file} of {content.Length} bytes was acknowledged and is gone.");
        var read = new byte[content.Length];
        Assert.Equal(content.Length, await open.ReadAsync(0, read));
        Assert.True(content.AsSpan().SequenceEqual(read));
    }
}
