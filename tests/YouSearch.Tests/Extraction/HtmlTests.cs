using System.Text;
using P2P.YouSearch;

namespace YouSearch.Tests.Extraction;

public sealed class HtmlTests
{
    [Fact]
    public async Task What_a_browser_shows_is_read()
    {
        const string Source = """
            <!DOCTYPE html><html><head><title>A &amp; B
            </title><style>p { color: red }</style><script>var hidden = "<p>hidden</p>";</script></head>
            <body onload="hidden()"><h1>Head<em>ing</em></h1><p>one<p>two<br>three<ul><li>four</li><li>five</li></ul>
            <noscript>hidden</noscript><template><p>hidden</p></template><svg><title>hidden</title></svg><!-- hidden -->
            <table><tr><td>six</td><td>seven</td></tr></table><textarea>&lt;b&gt;eight</textarea> n&auml;ne &#x1F382; &#xD83D;</body></html>
            """;
        var text = await Extracted.FromAsync(Source, "a.html");
        Assert.Equal(("html", "A & B", false), (text.Type, text.Title, text.IsCut));
        Assert.Equal("Heading one two three four five six seven <b>eight näne 🎂 \uFFFD", string.Join(' ', text.Text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)));
    }

    [Theory]
    [InlineData("<meta charset=iso-8859-1>", "Straße")]
    [InlineData("<meta charset=\"koi8-r\">", "StraъAe")]
    [InlineData("<meta charset=\"nonsense\">", "Straße")]
    [InlineData("<meta charset=", "")]
    [InlineData("", "Straße")]
    public async Task What_is_not_UTF_8_is_what_it_says_or_Western(string head, string text)
    {
        var read = await Extracted.FromAsync([.. Encoding.ASCII.GetBytes(head), .. "Stra"u8, 0xDF, .. (text.Contains('A', StringComparison.Ordinal) ? "A"u8 : ""u8), .. "e"u8], "a.html");
        Assert.Equal(text, read.Text);
    }

    [Theory]
    [InlineData("<div>")]
    [InlineData("<b><i>")]
    [InlineData("<table><tr><td>")]
    [InlineData("<svg>")]
    [InlineData("<template>")]
    [InlineData("<a href=x y>")]
    [InlineData("</p>")]
    [InlineData("<!--")]
    [InlineData("<")]
    [InlineData("&")]
    [InlineData("<title>")]
    public async Task A_million_levels_are_read_in_one_go(string tag)
    {
        var text = await Extracted.FromAsync($"<p>before</p>{string.Concat(Enumerable.Repeat(tag, 1_000_000))}inside", "a.htm");
        Assert.StartsWith("before", text.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tag_of_many_attributes_is_read_in_one_go()
    {
        var attributes = new StringBuilder("<p ");
        for (var i = 0; i < 500_000; i++)
        {
            attributes.Append('a').Append(i).Append("=1 ");
        }

        Assert.Equal("text", (await Extracted.FromAsync($"{attributes}>text", "a.html")).Text);
    }

    [Fact]
    public async Task A_long_page_is_cut()
    {
        using var stream = new RepeatingStream("<p>word"u8.ToArray(), 60 << 20);
        var text = await Extracted.FromAsync(stream, "a.html", new ExtractionLimits { TextLengthMax = 10_000 });
        Assert.Equal((true, 10_000), (text.IsCut, text.Text.Length));
        using var longer = new RepeatingStream("<p>word"u8.ToArray(), 65 << 20);
        await Assert.ThrowsAsync<InvalidDataException>(() => Extracted.FromAsync(longer, "a.html"));
    }
}
