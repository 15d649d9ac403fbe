using Microsoft.Extensions.Time.Testing;
using P2P.Pastry.Transport.Tcp;

namespace P2P.Pastry.Tests.Transport;

/// <summary>One attempt after the other, and the first success wins.</summary>
public sealed class StaggeredAttemptsTests
{
    private static readonly TimeSpan HeadStart = TimeSpan.FromMilliseconds(250);

    private readonly FakeTimeProvider _time = new();
    private readonly List<Attempt> _made = [];

    [Fact]
    public async Task The_next_attempt_is_made_when_the_last_has_had_its_head_start()
    {
        await using var attempts = Make(3);
        var next = attempts.NextAsync(CancellationToken.None);
        Assert.Single(_made);

        _time.Advance(HeadStart - TimeSpan.FromMilliseconds(1));
        Assert.Single(_made);
        await ForwardUntilAsync(made: 2);
        await ForwardUntilAsync(made: 3);
        _made[2].Succeed();

        Assert.Equal(2, (await next)!.Index);
    }

    [Fact]
    public async Task An_attempt_that_fails_makes_room_at_once()
    {
        await using var attempts = Make(2);
        var next = attempts.NextAsync(CancellationToken.None);
        _made[0].Fail();
        await UntilAsync(made: 2);
        _made[1].Succeed();

        Assert.Equal(1, (await next)!.Index);
        Assert.Equal("0 failed", Assert.Single(attempts.Failures).Message);
    }

    [Fact]
    public async Task The_first_success_wins_and_the_losers_are_given_up()
    {
        var attempts = Make(2);
        var next = attempts.NextAsync(CancellationToken.None);
        await ForwardUntilAsync(made: 2);
        _made[0].Succeed();
        using var winner = await next;
        await attempts.DisposeAsync();

        Assert.True(_made[1].Token.IsCancellationRequested);
        Assert.False(winner!.IsDisposed);
    }

    [Fact]
    public async Task What_comes_too_late_is_disposed_of()
    {
        var attempts = Make(2, stubborn: true);
        var next = attempts.NextAsync(CancellationToken.None);
        await ForwardUntilAsync(made: 2);
        _made[0].Succeed();
        await next;
        var disposal = attempts.DisposeAsync();
        _made[1].Succeed();
        await disposal;

        Assert.True(_made[1].Prize.IsDisposed);
    }

    [Fact]
    public async Task A_success_that_is_no_good_is_followed_by_another_and_then_by_none()
    {
        await using var attempts = Make(3);
        var first = attempts.NextAsync(CancellationToken.None);
        _made[0].Succeed();
        Assert.Equal(0, (await first)!.Index);

        // Nobody waits: nothing is begun.
        _time.Advance(10 * HeadStart);
        Assert.Single(_made);
        var second = attempts.NextAsync(CancellationToken.None);
        _made[1].Fail();
        await UntilAsync(made: 3);
        _made[2].Succeed();
        Assert.Equal(2, (await second)!.Index);
        Assert.Null(await attempts.NextAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Who_waits_can_give_up()
    {
        using var impatient = new CancellationTokenSource();
        await using var attempts = Make(1);
        var next = attempts.NextAsync(impatient.Token);
        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next);
        Assert.True(_made[0].Token.IsCancellationRequested);
    }

    private StaggeredAttempts<Prize> Make(int count, bool stubborn = false) => new(
        [
            .. Enumerable.Range(0, count).Select(index => (Func<CancellationToken, Task<Prize>>)(token =>
            {
                var attempt = new Attempt(index, token);
                _made.Add(attempt);
                return stubborn ? attempt.Ended.Task : attempt.Ended.Task.WaitAsync(token);
            })),
        ],
        HeadStart,
        _time);

    /// <summary>The head start is counted from when whoever waits comes to it, which is on another thread now and then.</summary>
    private async Task ForwardUntilAsync(int made)
    {
        while (_made.Count < made)
        {
            _time.Advance(HeadStart);
            await Task.Yield();
        }
    }

    private async Task UntilAsync(int made)
    {
        while (_made.Count < made)
        {
            await Task.Yield();
        }
    }

    private sealed record Attempt(int Index, CancellationToken Token)
    {
        public TaskCompletionSource<Prize> Ended { get; } = new();

        public Prize Prize { get; } = new(Index);

        public void Succeed() => Ended.SetResult(Prize);

        public void Fail() => Ended.SetException(new IOException($"{Index} failed"));
    }

    private sealed record Prize(int Index) : IDisposable
    {
        public bool IsDisposed { get; private set; }

        public void Dispose() => IsDisposed = true;
    }
}
