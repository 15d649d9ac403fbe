using P2P.YouSearch;
using YouSearch.Tests.Text;

namespace YouSearch.Tests.Queries;

public sealed class SearchQueryTests
{
    [Theory]
    [InlineData("Report annual", "annual report")]
    [InlineData("b abc B \"abc\" abc*", "abc abc* b")]
    [InlineData("\"annual Report\" foo_bar don't", "\"annual report\" \"don t\" \"foo bar\"")]
    [InlineData("docu* \"annual rep*\" \"annual rep\"*", "\"annual rep*\" docu*")]
    [InlineData("a -draft -\"not this\" --x", "a -\"not this\" -draft -x")]
    [InlineData("a SITE:Joe site:joe.userv.example type:PDF group:Staff", "a group:staff site:joe type:pdf")]
    [InlineData("a group:\"Sales Team\"", "a group:\"sales team\"")]
    [InlineData("a -site:joe", "a -\"site joe\"")]
    [InlineData("a site: type:p/df site:\"x y\"", "\"type p df\" \"x y\" a site")]
    [InlineData("NEAR(a b) AND c OR d NOT e", "\"near a\" and b c d e not or")]
    [InlineData("^a {title}:b + c.* *", "\"title b\" a c")]
    [InlineData("\"open quote", "\"open quote\"")]
    [InlineData("漢字 東", "\"漢 字\" 東")]
    [InlineData("a\"b\"c", "a b c")]
    [InlineData("a - b", "a b")]
    public void A_query_has_one_form_for_each_meaning(string text, string canonical)
    {
        Assert.True(SearchQuery.TryParse(text, out var query, out var problem), problem);
        Assert.Equal(canonical, query.Canonical);
        Assert.True(SearchQuery.TryParse(canonical, out var again, out problem), problem);
        Assert.Equal(query, again);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("  ")]
    [InlineData("-draft")]
    [InlineData("site:joe type:pdf group:staff")]
    [InlineData("\"\" * \0 🎂 \uD800")]
    public void Nothing_to_look_for_is_a_problem(string? text)
    {
        Assert.False(SearchQuery.TryParse(text, out var query, out var problem));
        Assert.Null(query);
        Assert.StartsWith("Say what to look for", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_much_is_a_problem()
    {
        Assert.True(SearchQuery.TryParse(new string('x', SearchQuery.LengthMax), out _, out _));
        Assert.False(SearchQuery.TryParse(new string('x', SearchQuery.LengthMax + 1), out _, out _));
        Assert.True(SearchQuery.TryParse(string.Join(' ', Enumerable.Range(0, SearchQuery.WordsMax)), out _, out _));
        Assert.False(SearchQuery.TryParse(string.Join(' ', Enumerable.Range(0, SearchQuery.WordsMax + 1)), out _, out _));
        Assert.False(SearchQuery.TryParse(string.Join(' ', Enumerable.Range(0, 32).Select(i => $"{(char)('a' + i % 26)}{(char)('a' + i / 26)}{new string('ﬃ', 25)}")), out _, out var problem));
        Assert.Contains("ligatures", problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a*")]
    [InlineData("umbrella ab*")]
    [InlineData("umbrella -ab*")]
    [InlineData("\"red ab*\"")]
    [InlineData("aaa* bbb* ccc* ddd* eee*")]
    public void Beginnings_that_stand_for_too_many_words_are_a_problem(string text)
    {
        Assert.False(SearchQuery.TryParse(text, out _, out var problem));
        Assert.StartsWith("A beginning has three letters or more", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_parts_are_told()
    {
        Assert.True(SearchQuery.TryParse("\"b abc*\" c -d -\"e f\"", out var query, out _));
        Assert.Equal([new QueryPart(["b", "abc"], IsPrefix: true), new QueryPart(["c"], IsPrefix: false)], query.Parts);
        Assert.Equal([new QueryPart(["e", "f"], IsPrefix: false), new QueryPart(["d"], IsPrefix: false)], query.Exclusions.OrderBy(part => -part.Words.Count));
    }

    [Fact]
    public void The_canonical_form_of_whatever_is_typed_parses_to_an_equal_query()
    {
        var queries = 0;
        for (var seed = 0; seed < 20_000; seed++)
        {
            if (SearchQuery.TryParse(RandomText.Of(seed, 1 + seed % 120), out var query, out _))
            {
                queries++;
                Assert.True(SearchQuery.TryParse(query.Canonical, out var again, out var problem), $"seed {seed}: {problem}");
                Assert.True(query.Equals(again) && again.Canonical == query.Canonical, $"seed {seed}: '{query.Canonical}' became '{again}'");
                Assert.Equal(query.Parts, again.Parts);
                Assert.Equal(query.Exclusions, again.Exclusions);
                Assert.Equal((string.Join('|', query.Sites), query.Group, string.Join('|', query.Types)), (string.Join('|', again.Sites), again.Group, string.Join('|', again.Types)));
            }
        }

        Assert.True(queries > 5_000);
    }
}
