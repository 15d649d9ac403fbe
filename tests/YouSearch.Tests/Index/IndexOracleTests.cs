using P2P.YouSearch;
using Xunit.Abstractions;
using YouSearch.Tests.Text;
using static YouSearch.Tests.Index.TestIndex;

namespace YouSearch.Tests.Index;

/// <summary>An index finds what reading every document finds, whatever becomes of the documents, and counts nothing of areas that were not asked for.</summary>
public sealed class IndexOracleTests(ITestOutputHelper output)
{
    private static readonly string[] Vocabulary = ["a", "ab", "abc", "the", "wine", "wines", "Straße", "strasse", "漢字", "字", "かな", "foo_bar", "don't", "мой", "Σίσυφος", "x1", "type", "txt"];
    private static readonly string[] Beginnings = ["abc", "win", "wine", "strass", "foo_bar", "мой", "Σίσυ", "typ"];
    private static readonly string[] Areas = ["public", "staff", "joe's", "🎂"];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task An_index_finds_what_reading_every_document_finds(int seed)
    {
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        var naive = new NaiveIndex();
        await using var test = await OpenAsync();
        for (var round = 0; round < 25; round++)
        {
            IndexChange[] changes = [.. Enumerable.Range(0, random.Next(1, 12)).Select(_ => Change(random, naive))];
            await test.Index.UpdateAsync(changes);
            Array.ForEach(changes, naive.Apply);
            if (round % 10 == 9)
            {
                await test.ReopenAsync();
            }

            Assert.Equal(naive.Paths.Order(StringComparer.Ordinal), (await test.Index.ListAsync()).Select(file => file.Path.Value).Order(StringComparer.Ordinal));
            for (var asked = 0; asked < 12; asked++)
            {
                await CompareAsync(test, naive, random, $"seed {seed}, round {round}");
            }
        }
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public async Task Nothing_that_people_type_means_something_to_the_database(int seed)
    {
        output.WriteLine($"seed {seed}");
        var naive = new NaiveIndex();
        await using var test = await OpenAsync();
        for (var i = 0; i < 40; i++)
        {
            var put = Put($"f{i}", RandomText.Of(seed * 1000 + i, 400));
            naive.Apply(put);
            await test.UpdateAsync(put);
        }

        for (var i = 0; i < 1500; i++)
        {
            if (SearchQuery.TryParse(RandomText.Of(seed * 10_000 + i, 1 + i % 40), out var query, out _))
            {
                var answer = await test.Index.SearchAsync(query, null, 1000);
                Assert.True(naive.Answer(query, null) == NaiveIndex.Answer(answer), $"seed {seed}, query {i}: {query}");
                Assert.All(answer.Hits, hit => SnippetTests.AssertWellFormed(hit.Snippet));
            }
        }
    }

    private static async Task CompareAsync(TestIndex test, NaiveIndex naive, Random random, string when)
    {
        var query = Query($"{Vocabulary[random.Next(Vocabulary.Length)]} {RandomQuery(random)}");
        string[]? areas = random.Next(3) == 0 ? null : [.. Areas.Where(_ => random.Next(2) == 0)];
        var answer = await test.Index.SearchAsync(query, areas, 1000);
        Assert.True(naive.Answer(query, areas) == NaiveIndex.Answer(answer), $"{when}: {query} in {string.Join('|', areas ?? ["all"])}:\n{naive.Answer(query, areas)}\n{NaiveIndex.Answer(answer)}");
        Assert.Equal(answer.Matches, answer.Hits.Count);
        Assert.All(answer.Hits, hit => SnippetTests.AssertWellFormed(hit.Snippet));

        var terms = await test.Index.ReadTermsAsync(areas);
        Assert.True(answer.Matches == 0 || SummaryTerms.Of(query).Any(terms.IsSupersetOf), $"{when}: a summary would have sent nobody here for {query}");

        var few = await test.Index.SearchAsync(query, areas, 2);
        Assert.Equal(answer.Hits.Take(2).Select(hit => hit.Path), few.Hits.Select(hit => hit.Path));
    }

    private static string RandomQuery(Random random) => string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ =>
        $" {(random.Next(5) == 0 ? "-" : "")}{random.Next(6) switch { 0 => $"\"{Words(random, 2)}\"", 1 => $"{Beginnings[random.Next(Beginnings.Length)]}*", 2 => $"\"{Words(random, 2)} {Beginnings[random.Next(Beginnings.Length)]}*\"", 3 => "type:txt", _ => Words(random, 1) }}"));

    private static string Words(Random random, int count) => string.Join(' ', Enumerable.Range(0, count).Select(_ => Vocabulary[random.Next(Vocabulary.Length)]));

    private static IndexChange Change(Random random, NaiveIndex naive)
    {
        var known = naive.Paths.ToList();
        var path = known.Count > 0 && random.Next(3) > 0 ? known[random.Next(known.Count)] : NewPath(random);
        var area = Areas[random.Next(Areas.Length)];
        return random.Next(7) switch
        {
            0 => Removed(path),
            1 => Moved(path, NewPath(random), area),
            2 => Moved(path, path, area),
            3 => Put(path, "", area, null, "md"),
            _ => Put(path, string.Join(random.Next(5) == 0 ? ". " : " ", Enumerable.Range(0, random.Next(1, 60)).Select(_ => Words(random, 1))), area, random.Next(2) == 0 ? Words(random, 2) : null, random.Next(2) == 0 ? "txt" : "pdf"),
        };
    }

    private static string NewPath(Random random) =>
        string.Join('/', Enumerable.Range(0, random.Next(1, 4)).Select(_ => Vocabulary[random.Next(Vocabulary.Length)])) + random.Next(4);
}
