using P2P.YouSearch;
using P2P.YouServ;

namespace YouSearch.Tests.Sites;

public sealed class FreshnessTests
{
    [Fact]
    public async Task A_changed_file_is_found_by_its_new_text_and_no_longer_by_the_old()
    {
        await using var village = await SearchVillage.StartAsync();
        var (joe, alice) = (await village.AddAsync("joe"), await village.AddAsync("alice"));
        await joe.OpenAsync("", Audience.Everyone);
        await joe.WriteAsync("note.txt", "The umbrella is red.");
        Assert.Equal(["joe/note.txt"], await alice.FindAsync("red"));

        await joe.WriteAsync("note.txt", "The umbrella is blue.");
        Assert.Empty(await alice.FindAsync("red"));
        Assert.Equal(["joe/note.txt"], await alice.FindAsync("blue"));

        File.Delete(Path.Combine(joe.Folder, "note.txt"));
        await joe.Search.WhenFoundAsync();
        Assert.Empty(await alice.FindAsync("umbrella"));
    }

    [Fact]
    public async Task What_has_another_name_is_found_there_without_being_read_again()
    {
        await using var village = await SearchVillage.StartAsync();
        var reader = new CountingReader();
        var joe = await village.AddAsync("joe", configure: options => options.Extractors.Insert(0, reader));
        var alice = await village.AddAsync("alice");
        await joe.OpenAsync("", Audience.Everyone);
        await joe.WriteAsync("a/note.txt", "The umbrella is red.");
        await joe.WriteAsync("a/other.txt", "The parasol is green.");

        // One that was looked at while it was being written is read twice.
        var read = reader.Count;
        Assert.InRange(read, 2, 4);

        Directory.Move(Path.Combine(joe.Folder, "a"), Path.Combine(joe.Folder, "b"));
        File.SetLastWriteTimeUtc(Path.Combine(joe.Folder, "b/other.txt"), DateTime.UnixEpoch.AddYears(50));
        await joe.Search.WhenFoundAsync();
        Assert.Equal(read, reader.Count);
        Assert.Equal(["joe/b/note.txt"], await alice.FindAsync("red"));
        Assert.Equal(["joe/b/other.txt"], await alice.FindAsync("parasol"));
    }

    [Fact]
    public async Task What_is_closed_is_no_longer_found_and_what_is_opened_is()
    {
        await using var village = await SearchVillage.StartAsync();
        var (joe, alice) = (await village.AddAsync("joe"), await village.AddAsync("alice"));
        await joe.OpenAsync("", Audience.Everyone);
        await joe.WriteAsync("a/note.txt", "The umbrella is red.");
        await joe.WriteAsync("b/note.txt", "The umbrella is blue.");
        Assert.Equal(["joe/a/note.txt", "joe/b/note.txt"], await alice.FindAsync("umbrella"));

        // At once, though neither index nor registrar have heard of it.
        await joe.Peer.SetRuleAsync(new AccessRule { Path = SitePath.Parse("a"), Audience = Audience.Named });
        var found = await alice.Search.FindAsync("umbrella");
        Assert.DoesNotContain(found.Hits, hit => hit.Path.Value == "a/note.txt");
        Assert.True(found.Matches <= 1);

        await joe.Search.WhenFoundAsync();
        Assert.Equal(["joe/b/note.txt"], await alice.FindAsync("umbrella"));
        Assert.Equal(1, (await alice.Search.FindAsync("umbrella")).Matches);
        await joe.OpenAsync("a", Audience.SignedIn);
        Assert.Equal(["joe/a/note.txt", "joe/b/note.txt"], await alice.FindAsync("umbrella"));
    }

    [Fact]
    public async Task A_peer_that_starts_again_finds_what_has_changed_meanwhile()
    {
        await using var village = await SearchVillage.StartAsync();
        var (joe, alice) = (await village.AddAsync("joe"), await village.AddAsync("alice"));
        await joe.OpenAsync("", Audience.Everyone);
        await joe.WriteAsync("note.txt", "The umbrella is red.");
        await village.Village.StopPeerAsync(joe.Peer);
        var away = await alice.Search.FindAsync("umbrella");
        Assert.Equal((0, 1), (away.Hits.Count, away.Progress.Away + away.Progress.Silent));

        await File.WriteAllTextAsync(Path.Combine(joe.Folder, "note.txt"), "The umbrella is blue.");
        var again = await village.AddAsync("joe");
        await again.Search.WhenFoundAsync();
        var found = await alice.Search.FindAsync("blue");
        Assert.True(found.Hits.Count == 1, $"{found.Progress} {found.Problem} {string.Join(' ', found.AwaySites)} {string.Join(' ', found.SilentSites)}");
        Assert.Empty(await alice.FindAsync("red"));
    }

    private sealed class CountingReader : ITextExtractor
    {
        private int _count;

        public int Count => _count;

        public bool Reads(string fileName) => fileName.EndsWith(".txt", StringComparison.Ordinal);

        public async ValueTask<ExtractedText> ExtractAsync(Stream content, string fileName, ExtractionLimits limits, CancellationToken cancellationToken)
        {
            Interlocked.Increment(ref _count);
            return new("txt", null, await new StreamReader(content).ReadToEndAsync(cancellationToken));
        }
    }
}
