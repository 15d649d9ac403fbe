using P2P.YouSearch;
using P2P.YouServ;
using YouSearch.Tests.Sites;

namespace YouSearch.Tests.Peer;

/// <summary>An index follows its folder whatever becomes of the files.</summary>
public sealed class IndexerTests
{
    [Fact]
    public async Task Files_that_change_places_are_found_where_they_are()
    {
        await using var village = await SearchVillage.StartAsync();
        var joe = await village.AddAsync("joe");
        await joe.OpenAsync("open", Audience.Everyone);
        await joe.WriteAsync("open/a.txt", "The red umbrella.");
        await joe.WriteAsync("b.txt", "The secret umbrella.");
        var (a, b, away) = (Path.Combine(joe.Folder, "open/a.txt"), Path.Combine(joe.Folder, "b.txt"), Path.Combine(joe.Folder, "../away.txt"));
        File.Move(a, away);
        File.Move(b, a);
        File.Move(away, b);
        await joe.Search.WhenFoundAsync();
        Assert.Equal(["joe/open/a.txt"], await joe.FindAsync("secret"));
        Assert.Equal(["joe/b.txt"], await joe.FindAsync("red"));
    }

    [Fact]
    public async Task Copies_of_a_file_are_all_found_and_so_are_those_that_stay_of_them()
    {
        await using var village = await SearchVillage.StartAsync();
        var joe = await village.AddAsync("joe");
        await joe.WriteAsync("a.txt", "The red umbrella.");
        File.Copy(Path.Combine(joe.Folder, "a.txt"), Path.Combine(joe.Folder, "b.txt"));
        File.Move(Path.Combine(joe.Folder, "a.txt"), Path.Combine(joe.Folder, "c.txt"));
        File.Copy(Path.Combine(joe.Folder, "b.txt"), Path.Combine(joe.Folder, "d.txt"));
        await joe.Search.WhenFoundAsync();
        Assert.Equal(3, (await joe.Search.FindAsync("umbrella")).Matches);
    }

    [Fact]
    public async Task What_becomes_of_a_folder_at_random_is_found_and_nothing_else()
    {
        await using var village = await SearchVillage.StartAsync();
        var joe = await village.AddAsync("joe");
        var (random, texts) = (new Random(4), new Dictionary<string, string>(StringComparer.Ordinal));
        for (var round = 0; round < 12; round++)
        {
            for (var change = 0; change < 10; change++)
            {
                Change(joe.Folder, texts, random);
            }

            await joe.Search.WhenFoundAsync();
            for (var word = 0; word < 8; word++)
            {
                var found = (await joe.Search.FindAsync($"word{word}", new SearchOptions { Count = 200 })).Hits.SelectMany(hit => hit.SameAt.Prepend(hit.Url)).Select(url => url.AbsolutePath[1..]).Order(StringComparer.Ordinal);
                Assert.Equal(texts.Where(text => text.Value.Split(' ').Contains($"word{word}")).Select(text => text.Key).Order(StringComparer.Ordinal), found);
            }
        }
    }

    [Fact]
    public async Task A_document_whose_extractor_fails_is_found_by_its_name_and_keeps_no_other_from_being_found()
    {
        await using var village = await SearchVillage.StartAsync();
        var reader = new FailingReader();
        var joe = await village.AddAsync("joe", configure: options => options.Extractors.Insert(0, reader));
        await File.WriteAllTextAsync(Path.Combine(joe.Folder, "archive.locked"), "umbrella");
        await joe.WriteAsync("note.txt", "An umbrella.");
        Assert.Equal(["joe/note.txt"], await joe.FindAsync("umbrella"));
        Assert.Equal(["joe/archive.locked"], await joe.FindAsync("archive"));
    }

    [Fact]
    public async Task An_index_that_is_damaged_while_it_is_used_is_made_anew_from_the_folder()
    {
        await using var village = await SearchVillage.StartAsync();
        var (joe, alice) = (await village.AddAsync("joe"), await village.AddAsync("alice"));
        await joe.OpenAsync("", Audience.Everyone);
        await joe.WriteAsync("note.txt", "A red umbrella.");
        var state = Path.Combine(joe.Folder, "../../states/joe/search/index.db");
        await using (var file = new FileStream(state, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.Write(new byte[8192]);
        }

        File.Delete(state + "-wal");
        await joe.WriteAsync("other.txt", "A blue umbrella.");
        await joe.Search.WhenFoundAsync();
        Assert.Equal(["joe/note.txt", "joe/other.txt"], await alice.FindAsync("umbrella"));
    }

    [Fact]
    public async Task A_site_that_answers_nobody_is_searched_by_its_owner_alone()
    {
        await using var village = await SearchVillage.StartAsync();
        var joe = await village.AddAsync("joe", configure: options => options.AnswersOthers = false);
        var alice = await village.AddAsync("alice");
        await joe.OpenAsync("", Audience.Everyone);
        await joe.WriteAsync("note.txt", "A red umbrella.");
        Assert.Equal(["joe/note.txt"], await joe.FindAsync("umbrella"));
        Assert.Empty(await alice.FindAsync("umbrella"));
        Assert.Empty(await alice.FindAsync("umbrella site:joe"));
        using var browser = village.Village.NewBrowser();
        Assert.Equal(System.Net.HttpStatusCode.Forbidden, (await browser.GetAsync($"{joe.Peer.Status.Url}.search/")).Status);
    }

    private static void Change(string folder, Dictionary<string, string> texts, Random random)
    {
        string Name() => $"f{random.Next(12)}.txt";
        var (name, other) = (Name(), Name());
        switch (random.Next(5))
        {
            case 0 or 1:
                texts[name] = string.Join(' ', Enumerable.Range(0, 3).Select(_ => $"word{random.Next(8)}"));
                File.WriteAllText(Path.Combine(folder, name), texts[name]);
                break;
            case 2 when texts.Remove(name):
                File.Delete(Path.Combine(folder, name));
                break;
            case 3 when name != other && texts.Remove(name, out var moved):
                texts[other] = moved;
                File.Move(Path.Combine(folder, name), Path.Combine(folder, other), overwrite: true);
                break;
            case 4 when name != other && texts.TryGetValue(name, out var copied):
                texts[other] = copied;
                File.Copy(Path.Combine(folder, name), Path.Combine(folder, other), overwrite: true);
                break;
        }
    }

    private sealed class FailingReader : ITextExtractor
    {
        public bool Reads(string fileName) => fileName.EndsWith(".locked", StringComparison.Ordinal);

        public ValueTask<ExtractedText> ExtractAsync(Stream content, string fileName, ExtractionLimits limits, CancellationToken cancellationToken) => throw new IOException("The file is locked.");
    }
}
