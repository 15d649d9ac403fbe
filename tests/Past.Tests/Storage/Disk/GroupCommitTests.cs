using Microsoft.Data.Sqlite;
using P2P.Past;

namespace Past.Tests.Storage.Disk;

public sealed class GroupCommitTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("group-commit").FullName;
    private readonly GroupCommit _commits;

    public GroupCommitTests()
    {
        var (path, failure) = (Path.Combine(_directory, "a.db"), new StorageFailure(_directory));
        DatabaseFile.Complete(DatabaseFile.Create(path));
        _commits = new GroupCommit(new DatabaseWriter(DatabaseFile.OpenForWriting(path, failure)), failure);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task Changes_that_wait_together_are_committed_in_their_order_and_all_of_them()
    {
        await using (_commits)
        {
            var done = new List<int>();
            await Task.WhenAll(Enumerable.Range(0, 3000).Select(number => _commits.RunAsync(Id(number), _ => done.Add(number)).AsTask()));
            Assert.Equal(Enumerable.Range(0, 3000), done.Order());
        }
    }

    [Fact]
    public async Task A_change_that_fails_takes_no_other_with_it()
    {
        await using (_commits)
        {
            var (release, stored) = (new ManualResetEventSlim(), 0);
            var first = _commits.RunAsync(Id(0), _ => release.Wait()).AsTask();
            var changes = Enumerable.Range(0, 20).Select(number => _commits.RunAsync(Id(number), writer =>
            {
                writer.AddSmall(Id(number), new ReplicaRecord(1, 1), [1]);
                if (number == 7)
                {
                    throw new SqliteException("full", 13);
                }

                Interlocked.Increment(ref stored);
            }).AsTask()).ToArray();
            release.Set();
            await first;
            for (var number = 0; number < changes.Length; number++)
            {
                if (number == 7)
                {
                    await Assert.ThrowsAsync<ReplicaStoreFullException>(() => changes[7]);
                }
                else
                {
                    await changes[number];
                }
            }

            using var connection = DatabaseFile.OpenForReading(Path.Combine(_directory, "a.db"));
            Assert.Equal(19, connection.ReadNumber("SELECT count(*) FROM replica"));
            Assert.Equal(19, connection.ReadNumber("SELECT count(*) FROM image"));
        }
    }

    [Fact]
    public async Task A_change_that_was_cancelled_while_it_waited_is_not_made()
    {
        await using (_commits)
        {
            using var cancelling = new CancellationTokenSource();
            var (release, isMade) = (new ManualResetEventSlim(), false);
            var first = _commits.RunAsync(Id(0), _ => release.Wait()).AsTask();
            var second = _commits.RunAsync(Id(1), _ => isMade = true, cancellationToken: cancelling.Token).AsTask();
            await cancelling.CancelAsync();
            release.Set();
            await first;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
            Assert.False(isMade);
        }
    }

    [Fact]
    public async Task Disposal_waits_for_what_was_asked_for_and_refuses_more()
    {
        var changes = Enumerable.Range(0, 50).Select(number => _commits.RunAsync(Id(number), _ => { }).AsTask()).ToArray();
        await _commits.DisposeAsync();
        await Task.WhenAll(changes);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await _commits.RunAsync(Id(1), _ => { }));
    }

    private static FileId Id(int number)
    {
        var bytes = new byte[FileId.ByteLength];
        BitConverter.TryWriteBytes(bytes, number);
        return FileId.FromBytes(bytes);
    }
}
