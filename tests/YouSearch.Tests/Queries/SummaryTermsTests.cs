using P2P.Bloom;
using P2P.YouSearch;
using P2P.YouServ;

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

    [Fact]
    public void A_document_is_known_by_its_words_their_beginnings_its_name_and_its_type()
    {
        var document = SummaryTerms.OfDocument(SitePath.Parse("plans/roof.md"), new("markdown", "A Title", "Zürich, NO"));
        Assert.Equal(
            Hashes("plans", "pla*", "roof", "roo*", "md", "a", "title", "tit*", "zurich", "zur*", "no", "type:markdown"),
            document);
    }

    [Fact]
    public void A_document_that_nobody_can_read_is_known_by_its_name() =>
        Assert.Equal(Hashes("x", "png", "png*", "type:png"), SummaryTerms.OfDocument(SitePath.Parse("x.png"), null));

    [Theory]
    [InlineData("zürich")]
    [InlineData("\"Annual report\"")]
    [InlineData("ann* type:txt")]
    [InlineData("letters")]
    public void A_query_asks_for_no_more_than_a_document_that_it_finds_is_known_by(string query)
    {
        var document = SummaryTerms.OfDocument(SitePath.Parse("letters/one.txt"), new("txt", null, "The annual report of Zurich"));
        Assert.All(SummaryTerms.Of(Parse(query)), alternative => Assert.Subset(document.ToHashSet(), alternative.ToHashSet()));
    }

    [Fact]
    public void Texts_have_the_words_that_queries_have() =>
        Assert.Equal(Parse("\"GRÜN sind Umbrellas\"").Parts[0].Words, SearchQuery.WordsOf("grün: sind 'umbrellas'!"));

    private static HashSet<ulong> Hashes(params IEnumerable<string> terms) => [.. terms.Select(Hash)];

    private static SearchQuery Parse(string text) => SearchQuery.TryParse(text, out var query, out var problem) ? query : throw new ArgumentException(problem, nameof(text));

    private static ulong Hash(string term) => BloomHasher.Default.Hash(term).Low;
}
