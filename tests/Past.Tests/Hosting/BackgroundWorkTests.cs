using P2P.Past;

namespace Past.Tests.Hosting;

public sealed class BackgroundWorkTests
{
    private readonly List<Exception> _failures = [];

    [Fact]
    public async Task Jobs_beyond_the_bound_wait_in_order_and_those_beyond_the_queue_are_not_taken()
    {
        var work = NewWork(activeMax: 2, waitingMax: 3);
        var gate = new TaskCompletionSource();
        var bothStarted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var started = new List<int>();
        var active = 0;
        var activeMost = 0;
        for (var number = 0; number < 5; number++)
        {
            var job = number;
            Assert.True(work.TryStart(async () =>
            {
                lock (started)
                {
                    started.Add(job);
                    activeMost = Math.Max(activeMost, ++active);
                    if (started.Count == 2)
                    {
                        bothStarted.SetResult();
                    }
                }

                await gate.Task;
                lock (started)
                {
                    active--;
                }
            }));
        }

        Assert.False(work.TryStart(() => throw new InvalidOperationException("It was not taken.")));
        await bothStarted.Task;
        gate.SetResult();
        await work.DisposeAsync();

        Assert.Equal(5, started.Count);
        Assert.Equal([0, 1], started.Take(2).Order());
        Assert.InRange(activeMost, 1, 2);
        Assert.Empty(_failures);
    }

    [Fact]
    public async Task Place_of_a_job_that_failed_goes_to_the_next()
    {
        var work = NewWork(activeMax: 1, waitingMax: 2);
        var done = new TaskCompletionSource();
        Assert.True(work.TryStart(() => throw new InvalidOperationException("first")));
        Assert.True(work.TryStart(() => Task.FromException(new InvalidOperationException("second"))));
        Assert.True(work.TryStart(() =>
        {
            done.SetResult();
            return Task.CompletedTask;
        }));
        await done.Task;
        await work.DisposeAsync();
        Assert.Equal(["first", "second"], _failures.Select(failure => failure.Message));
    }

    [Fact]
    public async Task Closing_waits_for_what_was_taken_and_takes_no_more()
    {
        var work = NewWork(activeMax: 1, waitingMax: 1);
        var gate = new TaskCompletionSource();
        Assert.True(work.TryStart(() => gate.Task));
        Assert.True(work.TryStart(() => gate.Task));
        var closing = work.DisposeAsync().AsTask();
        Assert.False(closing.IsCompleted);
        Assert.False(work.TryStart(() => Task.CompletedTask));
        gate.SetResult();
        await closing;
    }

    private BackgroundWork NewWork(int activeMax, int waitingMax) => new(activeMax, waitingMax, work => Task.Run(work), _failures.Add);
}
