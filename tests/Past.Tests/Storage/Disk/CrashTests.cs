using P2P.Past;
using static Past.Tests.Contract.ReplicaStoreContract;

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

            await using var store = await OpenDiskAsync();
            foreach (var (file, said) in _last.Where(last => last.Key >= firstFile || round % 10 == 9).ToArray())
            {
                await CheckAsync(store, file, said);
            }

            Assert.Equal(0, await store.SweepAsync());
            Assert.Equal(store.Usage.Count, _last.Count(last => last.Value == StoringProcess.Stored));
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

    private async Task CheckAsync(DiskReplicaStore store, int file, string said)
    {
        var (content, certificate) = (StoringProcess.Content(file), StoringProcess.Certify(file));
        switch (said)
        {
            case StoringProcess.Stored:
                await using (var open = await store.OpenReadAsync(certificate.FileId))
                {
                    Assert.True(open is not null, $"File {file} of {content.Length} bytes was stored and is gone.");
                    var read = new byte[content.Length];
                    Assert.Equal(content.Length, await open.ReadAsync(0, read));
                    Assert.True(content.AsSpan().SequenceEqual(read));
                }

                break;
            case StoringProcess.Deleted:
                Assert.False(store.Contains(certificate.FileId), $"File {file} was deleted and is there.");
                break;
            default:
                // It was at it: the replica is whole or absent, and can be stored.
                Assert.NotEqual(ReplicaCondition.Corrupt, await store.VerifyAsync(certificate.FileId));
                if (!store.Contains(certificate.FileId))
                {
                    await using var writer = await store.BeginAsync(certificate);
                    await AppendAsync(writer, content, certificate.Layout.LeafCount);
                    await writer.CompleteAsync();
                }

                _last[file] = StoringProcess.Stored;
                break;
        }
    }
}
