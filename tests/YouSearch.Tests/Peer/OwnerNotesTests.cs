using P2P.YouSearch;
using P2P.YouSearch.Hosting;
using P2P.YouServ;
using YouServ.Tests;

namespace YouSearch.Tests.Peer;

public sealed class OwnerNotesTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Notes_outlast_the_process_that_made_them()
    {
        var recommendation = new Recommendation { Query = "ümbrella", Group = "staff", Site = SiteName.Parse("joe"), Path = SitePath.Parse("a b.txt") };
        var saved = new SavedSearch { Query = "umbrella", Page = SitePath.Parse("searches/umbrella.html"), IncludesPrivate = true, SavedAt = DateTimeOffset.UnixEpoch };
        using (var notes = OwnerNotes.Open(_folder.In("notes.json")))
        {
            await notes.RecommendAsync(recommendation, default);
            await notes.RecommendAsync(recommendation, default);
            await notes.SaveAsync(saved, default);
            await notes.AgreeAsync(SitePath.Parse("private"), true, default);
        }

        using var again = OwnerNotes.Open(_folder.In("notes.json"));
        Assert.Equal([recommendation], again.Recommendations);
        Assert.Equal([saved], again.Saved);
        Assert.Equal([SitePath.Parse("private")], again.Agreed);
        await again.UnrecommendAsync(recommendation, default);
        await again.AgreeAsync(SitePath.Parse("private"), false, default);
        await again.ForgetAsync(saved.Page, default);
        Assert.Empty(OwnerNotes.Open(_folder.In("notes.json")).Recommendations);
    }

    [Fact]
    public async Task There_are_only_so_many()
    {
        using var notes = OwnerNotes.Open(_folder.In("notes.json"));
        await Task.WhenAll(Enumerable.Range(0, OwnerNotes.SavedMax).Select(number => notes.SaveAsync(Saved(number), default)));
        await notes.SaveAsync(Saved(0), default);
        await Assert.ThrowsAsync<YouSearchException>(() => notes.SaveAsync(Saved(-1), default));
    }

    [Fact]
    public async Task What_cannot_be_kept_is_told_and_not_taken_for_kept()
    {
        using var notes = OwnerNotes.Open(_folder.In("gone", "notes.json"));
        Assert.Contains("notes.json", (await Assert.ThrowsAsync<YouSearchException>(() => notes.AgreeAsync(SitePath.Parse("private"), true, default))).Message, StringComparison.Ordinal);
        Assert.Empty(notes.Agreed);
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{\"agreed\":[\"../x\"]}")]
    [InlineData("{\"recommendations\":[{\"query\":\"q\",\"group\":\"g\",\"site\":\"no site\",\"path\":\"p\"}]}")]
    public void A_file_that_cannot_be_read_is_told_of_and_kept(string text)
    {
        var path = _folder.In("notes.json");
        File.WriteAllText(path, text);
        Assert.Contains("notes.json", Assert.Throws<YouSearchException>(() => OwnerNotes.Open(path)).Message, StringComparison.Ordinal);
        Assert.Equal(text, File.ReadAllText(path));
    }

    public void Dispose() => _folder.Dispose();

    private static SavedSearch Saved(int number) => new() { Query = $"{number}", Page = SitePath.Parse($"searches/{number}.html"), SavedAt = DateTimeOffset.UnixEpoch };
}
