using P2P.Past;

namespace Past.Tests.Storage;

public sealed class DiskQueueTests
{
    [Fact]
    public async Task No_more_threads_work_than_allowed_and_all_work_is_done()
    {
        await using var queue = new DiskQueue(3);
        var (running, most, done) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 500).Select(number => queue.RunAsync(() =>
        {
            lock (queue)
            {
                most = Math.Max(most, ++running);
            }

            Thread.SpinWait(1000);
            lock (queue)
            {
                running--;
                return ++done;
            }
        })));
        Assert.Equal(500, done);
        Assert.InRange(most, 1, 3);
    }

    [Fact]
    public async Task A_blocked_thread_does_not_hold_up_the_others()
    {
        await using var queue = new DiskQueue(2);
        using var release = new ManualResetEventSlim();
        var blocked = queue.RunAsync(() =>
        {
            release.Wait();
            return 1;
        });
        Assert.Equal(2, await queue.RunAsync(() => 2));
        Assert.Equal(3, await queue.RunAsync(() => 3));
        release.Set();
        Assert.Equal(1, await blocked);
    }

    [Fact]
    public async Task Failures_and_cancellations_reach_the_caller()
    {
        await using var queue = new DiskQueue(1);
        await Assert.ThrowsAsync<FormatException>(() => queue.RunAsync<int>(() => throw new FormatException()));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => queue.RunAsync(() => 1, new CancellationToken(canceled: true)));
        Assert.Equal(1, await queue.RunAsync(() => 1));
    }

    [Fact]
    public async Task Disposal_waits_for_what_was_queued_and_refuses_more()
    {
        var queue = new DiskQueue(1);
        var work = Enumerable.Range(0, 50).Select(number => queue.RunAsync(() => number)).ToArray();
        await queue.DisposeAsync();
        Assert.All(work, task => Assert.True(task.IsCompletedSuccessfully));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => queue.RunAsync(() => 1));
        await queue.DisposeAsync();
    }
}
