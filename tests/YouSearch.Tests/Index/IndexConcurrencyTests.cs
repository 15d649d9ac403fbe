using P2P.YouSearch.Index;
using static YouSearch.Tests.Index.TestIndex;

namespace YouSearch.Tests.Index;

public sealed class IndexConcurrencyTests
{
    [Fact]
    public async Task Whoever_asks_while_one_updates_sees_all_of_an_update_or_nothing()
    {
        await using var test = await OpenAsync();
        await test.Index.UpdateAsync([.. Enumerable.Range(0, 50).Select(i => Put($"f{i}", "common round0"))]);
        var isOver = false;
        var readers = Enumerable.Range(0, 4).Select(_ => Task.Run(async () =>
        {
            var asked = 0;
            for (; !Volatile.Read(ref isOver) || asked < 5; asked++)
            {
                var answer = await test.SearchAsync("common");
                Assert.Equal((50, 50), (answer.Documents, answer.Matches));
                Assert.Single(answer.Hits.Select(hit => hit.Snippet.Text).Distinct());
            }

            return asked;
        })).ToArray();
        for (var round = 1; round < 30; round++)
        {
            await test.Index.UpdateAsync([.. Enumerable.Range(0, 50).Select(i => Put($"f{i}", $"common round{round}", round % 2 == 0 ? "public" : "staff"))]);
        }

        Volatile.Write(ref isOver, true);
        await Task.WhenAll(readers);
        Assert.Equal(50, (await test.SearchAsync("round29", "staff")).Matches);
    }

    [Fact]
    public async Task Updates_that_come_together_are_all_made()
    {
        await using var test = await OpenAsync();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => test.UpdateAsync(Put($"f{i}", "x"), Put("same", $"y{i}"))));
        Assert.Equal(21, (await test.Index.ListAsync()).Count);
    }

    [Fact]
    public async Task A_cancelled_question_or_update_ends_and_leaves_the_index_as_it_was()
    {
        await using var test = await OpenAsync();
        await test.UpdateAsync(Put("a", "x"));
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.Index.SearchAsync(Query("x"), null, 10, cancelled.Token).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.Index.UpdateAsync([Removed("a")], cancelled.Token).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.Index.ListAsync(cancelled.Token).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.Index.ReadTermsAsync(null, cancelled.Token).AsTask());
        Assert.Equal("a", await test.FindAsync("x"));
    }

    [Fact]
    public async Task A_statement_that_runs_is_interrupted()
    {
        await using var test = await OpenAsync();
        using var session = new IndexSession(test.File);
        using var cancelling = new CancellationTokenSource();
        Assert.Throws<OperationCanceledException>(() => session.InTransaction("BEGIN", session =>
        {
            var endless = session.Prepare("WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers) SELECT n FROM numbers");
            for (var rows = 0L; endless.Step(); rows++)
            {
                if (rows == 1000)
                {
                    cancelling.Cancel();
                }
            }

            return true;
        }, cancelling.Token));
        Assert.Equal(0, session.Scalar("SELECT count(*) FROM documents"));
    }

    [Fact]
    public async Task An_update_that_is_cancelled_midway_has_no_effect()
    {
        await using var test = await OpenAsync();
        await test.UpdateAsync(Put("a", "x"));
        using var cancelling = new CancellationTokenSource();
        var changes = new CancellingList([Removed("a"), Put("b", "x"), Put("c", "x")], cancelAt: 2, cancelling);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => test.Index.UpdateAsync(changes, cancelling.Token).AsTask());
        Assert.Equal("a", await test.FindAsync("x"));
        await test.UpdateAsync(Put("b", "x"));
        Assert.Equal("a b", await test.FindAsync("x"));
    }

    [Fact]
    public async Task An_update_that_fails_midway_has_no_effect()
    {
        await using var test = await OpenAsync();
        await test.UpdateAsync(Put("a", "x"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => test.Index.UpdateAsync(new CancellingList([Removed("a"), Put("b", "x")], cancelAt: 1, null)).AsTask());
        Assert.Equal("a", await test.FindAsync("x"));
        await test.UpdateAsync(Put("b", "x"));
        Assert.Equal("a b", await test.FindAsync("x"));
    }

    [Fact]
    public async Task Closing_waits_for_those_who_are_there()
    {
        await using var test = await OpenAsync();
        var update = test.Index.UpdateAsync([.. Enumerable.Range(0, 500).Select(i => Put($"f{i}", "x"))]).AsTask();
        await test.ReopenAsync();
        await update;
        Assert.Equal(500, (await test.SearchAsync("x")).Matches);
    }

    /// <summary>A list that cancels, or fails, when it has been read up to some place.</summary>
    private sealed class CancellingList(P2P.YouSearch.IndexChange[] changes, int cancelAt, CancellationTokenSource? source) : IReadOnlyList<P2P.YouSearch.IndexChange>
    {
        public int Count => changes.Length;

        public P2P.YouSearch.IndexChange this[int index] => changes[index];

        public IEnumerator<P2P.YouSearch.IndexChange> GetEnumerator()
        {
            for (var i = 0; i < changes.Length; i++)
            {
                if (i == cancelAt)
                {
                    (source ?? throw new InvalidOperationException("Failed on purpose.")).Cancel();
                }

                yield return changes[i];
            }
        }

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();
    }
}
