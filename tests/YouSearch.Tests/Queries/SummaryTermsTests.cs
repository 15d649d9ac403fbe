using P2P.Bloom;
using P2P.YouSearch;

namespace YouSearch.Tests.Queries;

public sealed class SummaryTermsTests
{
    [Fact]
    public void A_phrase_asks_for_its_words_and_a_beginning_for_three_letters() =>
        Assert.Equal([[Hash("annual"), Hash("rep*"), Hash("x")]], SummaryTerms.Of(Parse("\"annual repo*\" x")));

    [Fact]
    public void Each_type_asks_for_itself_with_the_words() =>
        Assert.Equal([[Hash("type:md"), Hash("x")], [Hash("type:pdf"), Hash("x")]], SummaryTerms.Of(Parse("x type:pdf type:md")));

    [Fact]
    public void What_must_not_be_there_asks_for_nothing() => Assert.Equal([[Hash("x")]], SummaryTerms.Of(Parse("x -y site:joe group:z")));

    [Fact]
    public void A_word_asked_for_twice_asks_once() => Assert.Equal([[Hash("a"), Hash("b")]], SummaryTerms.Of(Parse("\"a b\" b a")));

    private static SearchQuery Parse(string text) => SearchQuery.TryParse(text, out var query, out var problem) ? query : throw new ArgumentException(problem, nameof(text));

    private static ulong Hash(string term) => BloomHasher.Default.Hash(term).Low;
}
