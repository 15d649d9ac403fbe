using P2P.YouSearch;
using P2P.YouSearch.Protocol;
using P2P.YouSearch.Wire;
using P2P.YouServ;
using YouServ.Tests;
using FtsIndex = P2P.YouSearch.Index.FtsIndex;

namespace YouSearch.Tests.Search;

public sealed class MergingTests
{
    private const int Sites = 8;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Many_sites_together_rank_documents_as_one_index_of_all_does(int seed)
    {
        using var folder = new TemporaryFolder();
        var random = new Random(seed);
        await using var whole = await FtsIndex.OpenAsync(folder.In("whole.db"));
        var parts = new List<FtsIndex>();
        for (var site = 0; site < Sites; site++)
        {
            var index = await FtsIndex.OpenAsync(folder.In($"{site}.db"));
            parts.Add(index);

            // Sites differ in size and in what they write about, so that a word is rare at one and common at another.
            var changes = Enumerable.Range(0, 5 + (site * 5)).Select(number => Document(random, site, number)).ToArray();
            await index.UpdateAsync(changes);
            await whole.UpdateAsync(changes);
        }

        foreach (var text in new[] { "apple", "apple banana", "cherry date", "\"apple banana\"", "elder* -fig" })
        {
            var query = Parse(text);
            var central = Merge(query, [("whole", ToReply(await whole.SearchAsync(query, null, 1000)))]);
            var answers = new List<(string, SearchReply)>();
            foreach (var (index, site) in parts.Select((index, site) => (index, site)))
            {
                answers.Add(($"s{site}", ToReply(await index.SearchAsync(query, null, 1000))));
            }

            // In whatever order the answers come.
            random.Shuffle(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(answers));
            var merged = Merge(query, answers);
            Assert.Equal(central.Matches, merged.Matches);
            Assert.Equal(
                central.Best().Select(hit => (hit.Path.Value, Math.Round(hit.Score, 9))).OrderByDescending(hit => hit.Item2).ThenBy(hit => hit.Value, StringComparer.Ordinal),
                merged.Best().Select(hit => (hit.Path.Value, Math.Round(hit.Score, 9))).OrderByDescending(hit => hit.Item2).ThenBy(hit => hit.Value, StringComparer.Ordinal));
        }

        foreach (var part in parts)
        {
            await part.DisposeAsync();
        }
    }

    [Fact]
    public void Documents_of_equal_content_stand_once_with_all_their_places()
    {
        var merger = new ResultMerger(1, 10);
        var digest = new string('a', 64);
        merger.Add(SiteName.Parse("joe"), new("http://joe.example/"), Reply(Hit("a b/ü.txt", 5, digest) with { Title = "The title" }));
        merger.Add(SiteName.Parse("alice"), new("http://alice.example/"), Reply(Hit("copy.txt", 5, digest) with { Title = "The title" }, Hit("other.txt", 1, new string('b', 64))));
        merger.Add(SiteName.Parse("bob"), new("http://bob.example/"), Reply(Hit("x", 4, ""), Hit("y", 3, "")));
        var best = merger.Best();
        Assert.Equal(["alice/copy.txt", "bob/x", "bob/y", "alice/other.txt"], best.Select(hit => $"{hit.Site}{hit.Path}"));
        Assert.Equal(["http://joe.example/a%20b/%C3%BC.txt"], best[0].SameAt.Select(url => url.AbsoluteUri));
        Assert.Equal(5, merger.Matches);
    }

    [Fact]
    public void Nobody_takes_the_place_of_a_document_by_claiming_to_have_its_content()
    {
        var merger = new ResultMerger(1, 10);
        var digest = new string('a', 64);
        merger.Add(SiteName.Parse("joe"), new("http://joe.example/"), Reply(Hit("plan.txt", 2, digest)));
        merger.Add(SiteName.Parse("mallory"), new("http://mallory.example/"), Reply(Hit("plan.txt", 800, digest) with { Snippet = "Buy this." }));
        Assert.Equal(["mallory/plan.txt", "joe/plan.txt"], merger.Best().Select(hit => $"{hit.Site}{hit.Path}"));
    }

    [Fact]
    public void Whoever_claims_to_have_everything_does_not_make_words_common()
    {
        // Of ten sites with a hundred documents each, two have the word; the eleventh says that it has ten million documents with it.
        SearchReply Site(long documents, long having) => new() { Host = "", Documents = documents, Words = documents * 100, PartDocuments = [having] };
        var (honest, lied) = (new Ranking(1), new Ranking(1));
        for (var site = 0; site < 10; site++)
        {
            honest.Add(Site(100, site < 2 ? 10 : 0));
            lied.Add(Site(100, site < 2 ? 10 : 0));
        }

        lied.Add(Site(ReplyLimits.DocumentsMax, ReplyLimits.DocumentsMax));
        Assert.InRange(lied.ScoreOf(Hit("a", 3, "")), honest.ScoreOf(Hit("a", 3, "")) / 100, double.MaxValue);
    }

    [Fact]
    public void A_site_with_everything_leaves_others_their_room_and_takes_what_they_leave()
    {
        var merger = new ResultMerger(1, 30);
        merger.Add(SiteName.Parse("joe"), new("http://joe.example/"), Reply([.. Enumerable.Range(0, 100).Select(number => Hit($"{number:000}", 100, ""))]));
        merger.Add(SiteName.Parse("alice"), new("http://alice.example/"), Reply(Hit("a", 1, "")));
        var best = merger.Best();
        Assert.Equal(30, best.Count);
        Assert.Equal("alice/a", $"{best[10].Site}{best[10].Path}");
    }

    [Fact]
    public void An_answer_counts_once()
    {
        var merger = new ResultMerger(1, 30);
        merger.Add(SiteName.Parse("joe"), new("http://joe.example/"), Reply(Hit("a", 1, "")));
        merger.Add(SiteName.Parse("joe"), new("http://joe.example/"), Reply(Hit("b", 1, "")));
        Assert.Equal("a", Assert.Single(merger.Best()).Path.Value);
    }

    private static ResultMerger Merge(SearchQuery query, IReadOnlyList<(string Site, SearchReply Reply)> answers)
    {
        var merger = new ResultMerger(query.Parts.Count, 10_000);
        foreach (var (site, reply) in answers)
        {
            merger.Add(SiteName.Parse(site), new($"http://{site}.example/"), reply);
        }

        return merger;
    }

    private static IndexChange.Put Document(Random random, int site, int number)
    {
        string[] words = ["apple", "banana", "cherry", "date", "elderberry", "fig", "grape", "honeydew"];
        var text = string.Join(' ', Enumerable.Range(0, 3 + random.Next(40)).Select(_ => words[Math.Min(random.Next(words.Length), (random.Next(words.Length) + site) % words.Length)]));
        var path = SitePath.Parse($"{site}-{number:000}.txt");
        return new(new() { Path = path, Stamp = "1", Digest = $"{site:x32}{number:x32}", Area = "-" }, text.Length, DateTimeOffset.UnixEpoch, new("txt", null, text));
    }

    private static SearchReply ToReply(IndexAnswer answer) => new()
    {
        Host = "",
        Documents = answer.Documents,
        Words = answer.Words,
        PartDocuments = answer.PartDocuments,
        Matches = answer.Matches,
        Hits = [.. answer.Hits.Select(hit => new HitView { Path = hit.Path.Value, Title = hit.Title, Type = hit.Type, Digest = hit.Digest, Words = hit.Words, PartFrequencies = hit.PartFrequencies })],
    };

    private static SearchReply Reply(params HitView[] hits) => new() { Host = "", Documents = 100, Words = 10_000, PartDocuments = [10], Matches = hits.Length, Hits = hits };

    private static HitView Hit(string path, double often, string digest) => new() { Path = path, Title = path, Type = "txt", Digest = digest, Words = 100, PartFrequencies = [often] };

    private static SearchQuery Parse(string text) => SearchQuery.TryParse(text, out var query, out var problem) ? query : throw new ArgumentException(problem);
}
