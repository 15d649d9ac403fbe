using System.Text;
using P2P.YouSearch;
using P2P.YouSearch.Extraction;

namespace YouSearch.Tests.Extraction;

public sealed class PlainTextTests
{
    [Theory]
    [InlineData("a.txt", "txt")]
    [InlineData("A.TXT", "txt")]
    [InlineData("app.log", "log")]
    [InlineData("a.b.csv", "csv")]
    [InlineData("a.yaml", "yml")]
    [InlineData("Program.cs", "cs")]
    [InlineData("a.py", "py")]
    [InlineData("README", "txt")]
    [InlineData("Makefile", "txt")]
    public async Task Types_are_named_by_extensions(string name, string type) => Assert.Equal(new ExtractedText(type, null, "some text"), await Extracted.FromAsync("some text", name));

    [Theory]
    [InlineData("a.exe")]
    [InlineData("a")]
    [InlineData("a.jpg")]
    [InlineData("a.zip")]
    [InlineData(".txtx")]
    [InlineData("")]
    public void What_is_no_text_is_read_by_nobody(string name) => Assert.DoesNotContain(TextExtractors.Default, extractor => extractor.Reads(name));

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    public async Task A_byte_order_mark_says_the_encoding(string encoding)
    {
        var bytes = Encoding.GetEncoding(encoding).GetPreamble().Concat(Encoding.GetEncoding(encoding).GetBytes("Straße 漢字")).ToArray();
        Assert.Equal("Straße 漢字", (await Extracted.FromAsync(bytes, "a.txt")).Text);
    }

    [Fact]
    public async Task What_is_not_UTF_8_is_Western() =>
        Assert.Equal("Straße für 5 €", (await Extracted.FromAsync([.. "Stra"u8, 0xDF, .. "e f"u8, 0xFC, .. "r 5 "u8, 0x80], "a.txt")).Text);

    [Fact]
    public async Task What_has_zeros_is_no_text() => await Extracted.RefusedAsync([.. "text"u8, 0, .. "text"u8], "a.txt");

    [Fact]
    public async Task Nothing_is_text() => Assert.Equal("", (await Extracted.FromAsync("", "a.txt")).Text);

    [Fact]
    public async Task Halves_of_characters_are_replaced() =>
        Assert.Equal("a\uFFFDb\uFFFD", (await Extracted.FromAsync([0xFF, 0xFE, (byte)'a', 0, 0x3D, 0xD8, (byte)'b', 0, 0x3D, 0xD8], "a.txt")).Text);

    [Theory]
    [InlineData(9)]
    [InlineData(10)]
    [InlineData(11)]
    public async Task A_cut_leaves_no_half_of_a_character(int length)
    {
        var text = await Extracted.FromAsync(string.Concat(Enumerable.Repeat("é🎂", 100)), "a.txt", new ExtractionLimits { TextLengthMax = length });
        Assert.True(text.IsCut);
        Assert.Equal(length, text.Text.Length);
        Assert.Equal(text.Text, Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text.Text)));
    }

    [Theory]
    [InlineData("a.txt")]
    [InlineData("a.md")]
    [InlineData("a.json")]
    public async Task Of_a_line_of_a_gigabyte_the_beginning_is_read(string name)
    {
        using var stream = new RepeatingStream("word, "u8.ToArray(), 1L << 30);
        var text = await Extracted.FromAsync(stream, name);
        Assert.True(text.IsCut);
        Assert.Equal(new ExtractionLimits().TextLengthMax, text.Text.Length);
        Assert.InRange(stream.Position, 1, 16 << 20);
    }

    [Fact]
    public async Task Whoever_cancels_is_told_so_and_time_that_is_over_makes_a_document_unreadable()
    {
        using var cancelled = new CancellationTokenSource();
        await cancelled.CancelAsync();
        using var stream = new MemoryStream();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Extracted.FromAsync(stream, "a.txt", null, cancelled.Token));
        await Extracted.RefusedAsync("text"u8.ToArray(), "a.txt", new ExtractionLimits { TimeMax = TimeSpan.Zero });
    }
}
