using P2P.YouSearch;
using P2P.YouServ;
using static YouSearch.Tests.Index.TestIndex;

namespace YouSearch.Tests.Index;

public sealed class FtsIndexTests
{
    [Theory]
    [InlineData("annual", "a/report.md")]
    [InlineData("ANNUAL report", "a/report.md")]
    [InlineData("\"figures of the\"", "a/report.md")]
    [InlineData("\"of the figures\"", "")]
    [InlineData("fig*", "a/report.md b.txt")]
    [InlineData("\"few fig*\"", "b.txt")]
    [InlineData("figures -annual", "")]
    [InlineData("fig* -annual", "b.txt")]
    [InlineData("fig* -\"of the\"", "b.txt")]
    [InlineData("fig* type:md", "a/report.md")]
    [InlineData("fig* type:md type:txt", "a/report.md b.txt")]
    [InlineData("fig* type:pdf", "")]
    [InlineData("holiday", "holiday/beach.jpg")]
    [InlineData("beach type:jpg", "holiday/beach.jpg")]
    [InlineData("\"beach jpg\"", "holiday/beach.jpg")]
    [InlineData("jpg", "holiday/beach.jpg")]
    [InlineData("strasse", "b.txt")]
    [InlineData("ARGER", "b.txt")]
    [InlineData("漢字", "b.txt")]
    [InlineData("字漢", "")]
    [InlineData("type_md md:type", "")]
    [InlineData("typ*", "")]
    public async Task Documents_are_found_by_their_words(string query, string paths)
    {
        await using var test = await OpenAsync();
        await test.UpdateAsync(
            Put("a/report.md", "The figures of the year.", title: "Annual Report", type: "md"),
            Put("b.txt", "Few figs on Ärger Straße 漢字"),
            Put("holiday/beach.jpg", null));
        Assert.Equal(paths, await test.FindAsync(query));
    }

    [Fact]
    public async Task A_hit_says_all_about_its_document()
    {
        await using var test = await OpenAsync();
        var at = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.FromHours(2));
        var file = FileAt("docs/report.pdf", "staff");
        await test.UpdateAsync(new IndexChange.Put(file, 1234, at, new ExtractedText("pdf", "Report & <b>Co</b>", "a report, and another  report\nand a rep")), Put("x", "y", "staff"));
        var answer = await test.SearchAsync("report rep* docs");
        var hit = Assert.Single(answer.Hits);
        Assert.Equal(("docs/report.pdf", "staff", file.Digest, "Report & <b>Co</b>", "pdf"), (hit.Path.Value, hit.Area, hit.Digest, hit.Title, hit.Type));
        Assert.Equal((1234, at, 15), (hit.Length, hit.ModifiedAt, hit.Words));
        Assert.Equal(["docs", "rep*", "report"], TestIndex.Query("report rep* docs").Parts.Select(part => part.IsPrefix ? $"{part.Words[0]}*" : part.Words[0]));
        Assert.Equal([1, 11, 10], hit.PartFrequencies);
        Assert.Equal("a report, and another report and a rep", hit.Snippet.Text);
        Assert.Equal([new TextMark(2, 6), new TextMark(22, 6), new TextMark(35, 3)], hit.Snippet.Marks);
        Assert.Equal((2, 17, 1), (answer.Documents, answer.Words, answer.Matches));
        Assert.Equal([1, 1, 1], answer.PartDocuments);
    }

    [Fact]
    public async Task A_document_is_described_whether_or_not_it_matches()
    {
        await using var test = await OpenAsync();
        await test.UpdateAsync(Put("a", "some words", title: "T"), Put("b.jpg", null));
        var hit = await test.Index.DescribeAsync(SitePath.Parse("a"), Query("other words"));
        Assert.Equal(("T", "some words"), (hit!.Title, hit.Snippet.Text));
        Assert.Equal([0, 1], hit.PartFrequencies);
        Assert.Equal(new TextMark(5, 5), Assert.Single(hit.Snippet.Marks));
        Assert.Equal(("b.jpg", "jpg", ""), (await test.Index.DescribeAsync(SitePath.Parse("b.jpg"), Query("x"))) is { } b ? (b.Title, b.Type, b.Snippet.Text) : default);
        Assert.Null(await test.Index.DescribeAsync(SitePath.Parse("c"), Query("x")));
    }

    [Fact]
    public async Task A_title_weighs_more_than_a_text()
    {
        await using var test = await OpenAsync();
        await test.UpdateAsync(Put("a", "wine and bread and salt"), Put("b", "bread and salt and more", title: "wine"), Put("c", "bread and salt"));
        Assert.Equal(["b", "a"], (await test.SearchAsync("wine")).Hits.Select(hit => hit.Path.Value));
    }

    [Fact]
    public async Task No_phrase_reaches_from_the_title_into_the_name()
    {
        await using var test = await OpenAsync();
        await test.UpdateAsync(Put("beta", "gamma", title: "alpha"));
        Assert.Equal("", await test.FindAsync("\"alpha beta\""));
        Assert.Equal("", await test.FindAsync("\"beta gamma\""));
        Assert.Equal("beta", await test.FindAsync("alpha beta gamma"));
    }

    [Fact]
    public async Task Nothing_of_another_area_is_found_or_counted()
    {
        await using var test = await OpenAsync();
        await test.UpdateAsync(Put("a", "secret plan", "private"), Put("b", "public plan"), Put("c", "staff plan more", "staff"), Put("d", "plan", "none"));
        Assert.Equal("b c", await test.FindAsync("plan", "staff", "public", "unknown"));
        var answer = await test.SearchAsync("secret* plan", "public", "staff");
        Assert.Equal((2, 7, 0), (answer.Documents, answer.Words, answer.Matches));
        Assert.Equal([2, 0], answer.PartDocuments);
        Assert.Equal("", await test.FindAsync("plan", "unknown"));
        answer = await test.Index.SearchAsync(Query("plan"), [], 10);
        Assert.Equal((0, 0, 0), (answer.Documents, answer.Words, answer.Matches));
        Assert.Equal("a b c d", await test.FindAsync("plan"));
    }

    [Fact]
    public async Task No_documents_may_be_asked_for()
    {
        await using var test = await OpenAsync();
        await test.UpdateAsync(Put("a", "x"), Put("b", "x"));
        var answer = await test.Index.SearchAsync(Query("x"), ["public"], 0);
        Assert.Equal((2, 0), (answer.Matches, answer.Hits.Count));
    }

    [Fact]
    public async Task A_summary_has_the_terms_that_queries_ask_for_and_none_of_other_areas()
    {
        await using var test = await OpenAsync();
        await test.UpdateAsync(Put("docs/a.md", "Annual 漢字 it", title: "Ärger", type: "md"), Put("b", "hidden", "private"));
        var terms = await test.Index.ReadTermsAsync(["public"]);
        foreach (var query in (string[])["annual", "ann*", "annu*", "\"漢字\"", "docs", "md", "arger type:md", "\"annual 漢\" it"])
        {
            Assert.All(SummaryTerms.Of(Query(query)), asked => Assert.Subset(terms.ToHashSet(), asked.ToHashSet()));
        }

        foreach (var query in (string[])["hidden", "hid*", "b", "annual type:txt", "type_md", "nua*"])
        {
            Assert.All(SummaryTerms.Of(Query(query)), asked => Assert.False(terms.IsSupersetOf(asked), query));
        }

        Assert.True((await test.Index.ReadTermsAsync(null)).IsProperSupersetOf(terms));
        Assert.Empty(await test.Index.ReadTermsAsync([]));
    }

    [Fact]
    public async Task Changes_are_carried_out_in_their_order()
    {
        await using var test = await OpenAsync();
        await test.UpdateAsync(
            Put("a", "one"), Put("a", "two"), Put("b", "three"), Removed("b"), Moved("a", "c"), Put("a", "four"), Put("d", "five"), Moved("d", "a"), Removed("e"), Moved("none", "f"));
        Assert.Equal(["a:2", "c:2"], (await test.Index.ListAsync()).Select(file => $"{file.Path.Value}:{file.Stamp}").Order());
        Assert.Equal("", await test.FindAsync("one"));
        Assert.Equal("c", await test.FindAsync("two c"));
        Assert.Equal("", await test.FindAsync("three"));
        Assert.Equal("", await test.FindAsync("four"));
        Assert.Equal("a", await test.FindAsync("five a"));
        Assert.Equal("", await test.FindAsync("five d"));
    }

    [Fact]
    public async Task A_document_that_moves_keeps_its_text()
    {
        await using var test = await OpenAsync();
        await test.UpdateAsync(Put("old/a.md", "text", title: "T", type: "md"), Put("p.jpg", null));
        await test.UpdateAsync(Moved("old/a.md", "new/b.txt"), Moved("p.jpg", "q.png"));
        Assert.Equal("new/b.txt", await test.FindAsync("text new b type:md"));
        Assert.Equal("", await test.FindAsync("old"));
        Assert.Equal("q.png", await test.FindAsync("q type:png"));
        await test.UpdateAsync(Moved("new/b.txt", "new/b.txt", "staff", "3"));
        Assert.Equal("", await test.FindAsync("text", "public"));
        Assert.Equal("new/b.txt", await test.FindAsync("text new t", "staff"));
        var answer = await test.SearchAsync("text", "staff");
        Assert.Equal((1, 5), (answer.Documents, answer.Words));
        Assert.Equal("text", Assert.Single(answer.Hits).Snippet.Text);
        Assert.Equal(("3", "staff", true), (await test.Index.ListAsync()).Where(file => file.HasText).Select(file => (file.Stamp, file.Area, file.HasText)).Single());
    }

    [Fact]
    public async Task An_area_that_becomes_empty_gives_its_number_back()
    {
        await using var test = await OpenAsync();
        for (var round = 0; round < 5; round++)
        {
            await test.UpdateAsync(Put("a", "x", $"area {round}"), Put("b", "y", "other"));
            Assert.Equal("a", await test.FindAsync("x", $"area {round}"));
            Assert.Equal("", await test.FindAsync("x", $"area {round - 1}"));
            await test.UpdateAsync(Removed("a"));
            Assert.Equal("", await test.FindAsync("x"));
        }

        var answer = await test.SearchAsync("x", "area 1");
        Assert.Equal((0, 0), (answer.Documents, answer.Words));
    }

    [Fact]
    public async Task A_batch_of_many_areas_finds_each_in_its_own()
    {
        await using var test = await OpenAsync();
        await test.Index.UpdateAsync([.. Enumerable.Range(0, 600).Select(i => Put($"f{i}", $"word{i} common", $"area {i % 20}"))]);
        Assert.Equal(30, (await test.SearchAsync("common", "area 7")).Matches);
        Assert.Equal("f27", await test.FindAsync("word27", "area 7"));
        Assert.Equal("", await test.FindAsync("word27", "area 8"));
        var answer = await test.SearchAsync("common", [.. Enumerable.Range(3, 9).Select(i => $"area {i}")]);
        Assert.Equal((270, 270), (answer.Matches, answer.Documents));
    }

    [Fact]
    public async Task Whatever_an_extractor_says_is_no_more_than_a_title_and_a_type()
    {
        await using var test = await OpenAsync();
        await test.UpdateAsync(
            Put("a", "x", title: $"one\0two\n{new string('y', 5000)}", type: "PDF"), Put("b", "x", title: " \n", type: "_txt injected"), Put("c", "x \uD800 z", "nul\0one"), Put("d", "x", "nul\0two"));
        Assert.Equal("a", await test.FindAsync("x type:pdf"));
        Assert.Equal("", await test.FindAsync("injected"));
        Assert.Equal("", await test.FindAsync("x type:txt", "public"));
        Assert.Equal("c", await test.FindAsync("x", "nul\0one"));
        var hit = await test.Index.DescribeAsync(SitePath.Parse("a"), Query("x"));
        Assert.Equal((300, "one two y"), (hit!.Title.Length, hit.Title[..9]));
        Assert.Equal("b", (await test.Index.DescribeAsync(SitePath.Parse("b"), Query("x")))!.Title);
        Assert.Equal("x \uFFFD z", (await test.Index.DescribeAsync(SitePath.Parse("c"), Query("x")))!.Snippet.Text);
    }
}
