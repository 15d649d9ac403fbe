using P2P.YouSearch;
using static YouSearch.Tests.Index.TestIndex;

namespace YouSearch.Tests.Index;

public sealed class SnippetTests
{
    [Fact]
    public async Task A_passage_shows_where_most_of_the_query_stands_together()
    {
        var filler = string.Join(' ', Enumerable.Repeat("filler", 200));
        var snippet = await SnippetAsync($"wine {filler} bread and\n\n  wine\tand \"old wine\" {filler} bread", "wine bread \"old wine\"");
        Assert.Contains("bread and wine and \"old wine\" filler", snippet.Text, StringComparison.Ordinal);
        Assert.StartsWith("…filler", snippet.Text, StringComparison.Ordinal);
        Assert.EndsWith("filler…", snippet.Text.Replace(" …", "…", StringComparison.Ordinal), StringComparison.Ordinal);
        Assert.Equal(["bread", "wine", "old wine"], snippet.Marks.Select(mark => snippet.Text.Substring(mark.Start, mark.Length)));
    }

    [Fact]
    public async Task A_passage_of_a_document_found_by_its_name_is_its_beginning()
    {
        var snippet = await SnippetAsync("\n  The   beginning", "name");
        Assert.Equal("The beginning", snippet.Text);
        Assert.Empty(snippet.Marks);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_passage_of_text_without_blanks_is_cut_between_characters(int offset)
    {
        var snippet = await SnippetAsync(new string('x', offset) + string.Concat(Enumerable.Repeat("🎂", 500)) + "wine" + string.Concat(Enumerable.Repeat("🎂", 500)), "wine");
        Assert.Equal("wine", snippet.Text.Substring(snippet.Marks.Single().Start, snippet.Marks.Single().Length));
    }

    [Fact]
    public async Task A_word_longer_than_a_passage_is_marked_as_far_as_it_is_shown()
    {
        var snippet = await SnippetAsync($"before {new string('x', 1000)} after", $"{new string('x', 80)}");
        Assert.Equal(7, snippet.Marks.Single().Start);
    }

    [Fact]
    public async Task What_controls_how_text_is_shown_is_left_out() =>
        Assert.Equal("a wine b", (await SnippetAsync("a\0\u0007\u202Ewine\u2028\u2066b", "wine")).Text.Replace("  ", " ", StringComparison.Ordinal));

    /// <summary>What everybody who shows a passage relies on.</summary>
    internal static void AssertWellFormed(Snippet snippet)
    {
        Assert.InRange(snippet.Text.Length, 0, Snippet.LengthMax);
        Assert.DoesNotContain('\uFFFD', System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(snippet.Text.Replace("\uFFFD", "", StringComparison.Ordinal))));
        Assert.DoesNotContain(snippet.Text, char.IsControl);
        var end = 0;
        foreach (var mark in snippet.Marks)
        {
            Assert.True(mark.Start >= end && mark.Length > 0 && mark.Start + mark.Length <= snippet.Text.Length);
            end = mark.Start + mark.Length;
        }
    }

    private static async Task<Snippet> SnippetAsync(string text, string query)
    {
        await using var test = await OpenAsync();
        await test.UpdateAsync(Put("name", text));
        var snippet = Assert.Single((await test.SearchAsync(query)).Hits).Snippet;
        AssertWellFormed(snippet);
        return snippet;
    }
}
