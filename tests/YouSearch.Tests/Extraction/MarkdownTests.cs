namespace YouSearch.Tests.Extraction;

public sealed class MarkdownTests
{
    [Fact]
    public async Task Words_are_read_without_markup()
    {
        const string Source = """
            Some words first.

            # The *first* heading #

            A [link to *there*](https://example.org/path_to "title") and ![a picture](p.png), `code_here`, **bold** and snake_case.
            - item one
            > quoted <b>bold</b> <https://example.org>
            | a | b |
            |---|---|
            ```cs
            var x = a[1] * b; // # no heading
            ```
            """;
        var text = await Extracted.FromAsync(Source, "a.md");
        Assert.Equal(("md", "The first heading", false), (text.Type, text.Title, text.IsCut));
        Assert.Equal(
            "Some words first. The first heading # A link to there and a picture, code_here, bold and snake_case. item one quoted bold https://example.org a b var x = a[1] * b; // # no heading",
            string.Join(' ', text.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }

    [Theory]
    [InlineData("Title\n=====\ntext", "Title")]
    [InlineData("Title\n---\ntext", "Title")]
    [InlineData("text\n\n---\n\n## Second *level*\n# First", "Second level")]
    [InlineData("no title", null)]
    [InlineData("#\n# \n", null)]
    [InlineData("```\n# code\n```\n# Title", "Title")]
    public async Task The_title_is_the_first_heading(string source, string? title) => Assert.Equal(title, (await Extracted.FromAsync(source, "a.md")).Title);

    [Theory]
    [InlineData("[")]
    [InlineData("](")]
    [InlineData("<a")]
    [InlineData("![](")]
    [InlineData("*_`~|")]
    [InlineData("#")]
    [InlineData("\n-")]
    public async Task What_never_ends_is_read_all_the_same(string piece) =>
        Assert.Equal("md", (await Extracted.FromAsync(string.Concat(Enumerable.Repeat(piece, 500_000)), "a.md")).Type);
}
