using P2P.YouSearch.Protocol;
using P2P.YouSearch.Wire;

namespace YouSearch.Tests.Search;

public sealed class AnswerCacheTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    [Fact]
    public void An_answer_is_found_for_its_query_and_its_rights_until_it_is_too_old()
    {
        var cache = new AnswerCache(1 << 20, Minute * 5);
        Assert.True(cache.Keep("query", "rights", [Reply(10)], TimeSpan.Zero));
        Assert.NotNull(cache.Find("query", "rights", Minute * 4.9));
        Assert.Null(cache.Find("query", "other rights", Minute));
        Assert.Null(cache.Find("other query", "rights", Minute));
        Assert.Null(cache.Find("query", "rights", Minute * 5));
    }

    [Fact]
    public void What_was_gathered_first_gives_way_and_nothing_is_larger_than_all_may_be()
    {
        var cache = new AnswerCache(10_000, Minute * 5);
        Assert.False(cache.Keep("large", "", [Reply(10_000)], TimeSpan.Zero));
        for (var number = 0; number < 100; number++)
        {
            Assert.True(cache.Keep($"{number}", "", [Reply(500)], TimeSpan.Zero));
            Assert.InRange(cache.Bytes, 1, 10_000);
        }

        Assert.Null(cache.Find("0", "", TimeSpan.Zero));
        Assert.NotNull(cache.Find("99", "", TimeSpan.Zero));
        cache.Keep("99", "", [Reply(1)], TimeSpan.Zero);
        Assert.Single(cache.Find("99", "", TimeSpan.Zero)!);
        cache.Keep("new", "", [Reply(1)], Minute * 6);
        Assert.InRange(cache.Bytes, 1, 1_000);
    }

    [Fact]
    public void Rights_are_the_same_for_the_same_groups()
    {
        Assert.Equal(AnswerCache.RightsOf(["a", "b"]), AnswerCache.RightsOf(["b", "a"]));
        Assert.NotEqual(AnswerCache.RightsOf(["a", "b"]), AnswerCache.RightsOf(["a"]));
        Assert.NotEqual(AnswerCache.RightsOf(["a\nb"]), AnswerCache.RightsOf(["a", "b"]));
    }

    private static SignedReply Reply(int length) => new() { Body = new string('x', length), Proof = "" };
}
