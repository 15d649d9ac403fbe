using System.IO.Compression;
using System.Text;
using P2P.YouSearch;
using static YouSearch.Tests.Extraction.OfficeFiles;

namespace YouSearch.Tests.Extraction;

public sealed class OfficeTests
{
    [Fact]
    public async Task A_document_is_read()
    {
        var text = await Extracted.FromAsync(Document(), "Report.docx");
        Assert.Equal(("docx", "Annual Report", false), (text.Type, text.Title, text.IsCut));
        Assert.Equal("First paragraph\nÜber 漢字\nleft\nright\nA footnote", text.Text.Trim());
    }

    [Fact]
    public async Task A_workbook_is_read()
    {
        var text = await Extracted.FromAsync(Workbook(), "figures.xlsx");
        Assert.Equal(("xlsx", null), (text.Type, text.Title));
        Assert.Equal("Budget\nwine 12.5 inline text\nbread", text.Text.Trim());
    }

    [Fact]
    public async Task A_presentation_is_read_in_the_order_of_its_slides()
    {
        var text = await Extracted.FromAsync(Presentation(slides: 11), "talk.pptx");
        Assert.Equal("pptx", text.Type);
        Assert.Equal(Enumerable.Range(1, 11).Select(slide => $"Slide {slide}"), text.Text.Trim().Split('\n'));
    }

    [Fact]
    public async Task Parts_as_other_programs_write_them_are_read()
    {
        var content = Zip(("word/document.xml", """
            <?xml version="1.0"?><w:document xmlns:w="urn:w"><w:body><w:p><w:r><w:t>wo</w:t></w:r><w:r><w:t xml:space="preserve">rd </w:t><w:tab/><w:delText>gone</w:delText><w:instrText>PAGE</w:instrText>
            <w:t/><w:t><![CDATA[a < b]]> &amp; &#x1F382;</w:t></w:r></w:p></w:body></w:document>
            """), ("word/header2.xml", "<h><p><t>two</t></p></h>"), ("word/header1.xml", "<h><p><t>one</t></p></h>"), ("word/styles.xml", "<t>style</t>"));
        Assert.Equal("word a < b & 🎂\none\ntwo", (await Extracted.FromAsync(content, "a.docx")).Text.Trim());
    }

    [Theory]
    [InlineData("a.docx")]
    [InlineData("a.xlsx")]
    [InlineData("a.pptx")]
    public async Task What_is_damaged_is_refused(string name)
    {
        await Extracted.RefusedAsync([], name);
        await Extracted.RefusedAsync(Encoding.UTF8.GetBytes(new string('x', 100_000)), name);
        await Extracted.RefusedAsync(Zip(("other.xml", "<t>text</t>")), name);
        var whole = name switch { "a.docx" => Document(), "a.xlsx" => Workbook(), _ => Presentation(3) };
        for (var length = 0; length < whole.Length; length += 97)
        {
            await Extracted.RefusedAsync(whole[..length], name);
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task What_has_wrong_bytes_is_read_or_refused(int seed)
    {
        var random = new Random(seed);
        foreach (var (name, whole) in new[] { ("a.docx", Document()), ("a.xlsx", Workbook()), ("a.pptx", Presentation(3)) })
        {
            for (var i = 0; i < 300; i++)
            {
                var bytes = whole.ToArray();
                for (var wrong = random.Next(1, 20); wrong > 0; wrong--)
                {
                    bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
                }

                var failure = await Record.ExceptionAsync(() => Extracted.FromAsync(bytes, name));
                Assert.True(failure is null or InvalidDataException, $"seed {seed}, {name}, {i}: {failure}");
            }
        }
    }

    [Fact]
    public async Task What_unpacks_to_far_more_is_refused()
    {
        await Extracted.RefusedAsync(Zip(("word/document.xml", $"<d><p>{new string(' ', 200 << 20)}<t>text</t></p></d>")), "a.docx");
        await Extracted.RefusedAsync(Zip(("word/document.xml", $"<d a='{new string('x', 100 << 20)}'/>")), "a.docx");
        await Extracted.RefusedAsync(Zip(("xl/workbook.xml", "<w/>"), ("xl/sharedStrings.xml", $"<sst>{new string(' ', 200 << 20)}</sst>")), "a.xlsx");
    }

    [Fact]
    public async Task A_long_text_is_cut()
    {
        var limits = new ExtractionLimits { TextLengthMax = 1000 };
        var text = await Extracted.FromAsync(Zip(("word/document.xml", $"<d><p><t>{new string('x', 5 << 20)}</t></p></d>")), "a.docx", limits);
        Assert.Equal((true, 1000), (text.IsCut, text.Text.Length));

        // Few bytes that refer to many.
        var cells = string.Concat(Enumerable.Repeat("<c t='s'><v>0</v></c>", 50_000));
        text = await Extracted.FromAsync(Zip(("xl/workbook.xml", "<w/>"), ("xl/sharedStrings.xml", $"<sst><si><t>{new string('x', 30_000)}</t></si></sst>"), ("xl/worksheets/sheet1.xml", $"<s><row>{cells}</row></s>")), "a.xlsx");
        Assert.Equal((true, 2 << 20), (text.IsCut, text.Text.Length));
    }

    [Theory]
    [InlineData("<!DOCTYPE d [<!ENTITY a \"laugh\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;&a;&a;\">]><d><p><t>&b;</t></p></d>")]
    [InlineData("<!DOCTYPE d SYSTEM \"file:///etc/passwd\"><d/>")]
    [InlineData("<d><p><t>&undefined;</t></p></d>")]
    [InlineData("<d><p><t>open")]
    public async Task XML_that_is_more_or_less_than_a_document_is_refused(string xml) => await Extracted.RefusedAsync(Zip(("word/document.xml", xml)), "a.docx");

    [Fact]
    public async Task XML_of_many_levels_is_refused() =>
        await Extracted.RefusedAsync(Zip(("word/document.xml", string.Concat(Enumerable.Repeat("<p>", 1_000_000)))), "a.docx");

    [Fact]
    public async Task A_package_of_many_parts_is_refused()
    {
        await Extracted.RefusedAsync(Zip([("word/document.xml", "<d/>"), .. Enumerable.Range(0, 10_000).Select(i => ($"{i}", ""))]), "a.docx");
        Assert.Equal("docx", (await Extracted.FromAsync(Zip([("word/document.xml", "<d/>"), .. Enumerable.Range(0, 9_999).Select(i => ($"{i}", ""))]), "a.docx")).Type);
    }

    private static byte[] Zip(params (string Name, string Content)[] parts)
    {
        var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create))
        {
            foreach (var (name, content) in parts)
            {
                using var writer = new StreamWriter(archive.CreateEntry(name, CompressionLevel.Fastest).Open());
                writer.Write(content);
            }
        }

        return bytes.ToArray();
    }
}
