using P2P.Bloom;
using P2P.YouSearch.Hosting;

namespace YouSearch.Tests.Peer;

public sealed class SummarizerTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1_000)]
    [InlineData(57_507)]
    [InlineData(250_000)]
    public void A_summary_holds_all_terms_and_few_others_whatever_their_number(int count)
    {
        var terms = Terms(0, count);
        var summary = Summarizer.Summarize(terms, before: null)!;
        Assert.All(terms.Take(2_000), term => Assert.True(summary.MayContain(BloomHash.FromUInt64(term))));
        Assert.InRange(Terms(count, 20_000).Count(term => summary.MayContain(BloomHash.FromUInt64(term))) / 20_000.0, 0, 0.01);
        Assert.True(summary.Bits is >= Summarizer.BitsMin and <= Summarizer.BitsMax && long.IsPow2(summary.Bits));
        Assert.InRange(summary.FillRatio, 0, 0.3);
    }

    [Fact]
    public void Without_terms_there_is_no_summary() => Assert.Null(Summarizer.Summarize(new HashSet<ulong>(), null));

    [Fact]
    public void More_terms_than_fit_fill_the_longest_no_more_than_registrars_take()
    {
        var summary = Summarizer.Summarize(Terms(0, 900_000), null)!;
        Assert.Equal(Summarizer.BitsMax, summary.Bits);
        Assert.InRange(summary.FillRatio, 0.5, 0.6);
    }

    [Fact]
    public void The_size_stays_while_the_number_of_terms_does_not_change_much()
    {
        var first = Summarizer.Summarize(Terms(0, 3_000), null)!;
        var (last, sizes) = (first, new HashSet<long>());
        for (var count = 2_000; count < 4_500; count += 50)
        {
            sizes.Add((last = Summarizer.Summarize(Terms(0, count), last)!).Bits);
        }

        Assert.Equal([first.Bits], sizes);
        Assert.NotEqual(first.Bits, Summarizer.Summarize(Terms(0, 40_000), last)!.Bits);
        Assert.NotEqual(first.Bits, Summarizer.Summarize(Terms(0, 100), last)!.Bits);
    }

    private static HashSet<ulong> Terms(int from, int count) => [.. Enumerable.Range(from, count).Select(number => BloomHasher.Default.Hash($"word {number}").Low)];
}
