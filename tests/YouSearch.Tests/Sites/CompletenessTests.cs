using P2P.YouServ;

namespace YouSearch.Tests.Sites;

/// <summary>Fifty peers with documents for all kinds of readers, and a list of who may read what to compare with.</summary>
public sealed class CompletenessTests
{
    private const int Peers = 50;
    private const int Groups = 5;
    private const int WordCount = 120;
    private const int Seed = 20261129;

    private readonly Random _random = new(Seed);
    private readonly List<Document> _documents = [];

    [Fact]
    public async Task Everything_that_somebody_may_read_is_found_by_each_of_its_words_and_nothing_else()
    {
        await using var village = await SearchVillage.StartAsync();
        for (var number = 0; number < Peers; number++)
        {
            await SettleAsync(village, number);
        }

        foreach (var number in new[] { 0, 7, 23, 49 })
        {
            var asker = village[NameOf(number)];
            for (var word = 0; word < WordCount; word++)
            {
                // What is withheld from the registrar is found for sure where its site is asked whatever its summary holds: at one's own site, in a group, or at a named site.
                var found = await asker.FindAsync(WordOf(word), new() { Count = 200 });
                Assert.Empty(Expected(number, word, document => document.IsKnownToRegistrar || document.Owner == number).Except(found));
                Assert.Empty(found.Except(Expected(number, word, _ => true)));
            }

            var group = number % Groups;
            for (var word = 0; word < WordCount; word += 10)
            {
                Assert.Equal(Expected(number, word, document => document.Owner % Groups == group), await asker.FindAsync($"{WordOf(word)} group:g{group}"));
                Assert.Equal(Expected(number, word, document => document.Owner == 11), await asker.FindAsync($"{WordOf(word)} site:{NameOf(11)}"));
            }
        }
    }

    private static string NameOf(int number) => $"u{number:00}";

    private static string WordOf(int word) => $"wort{word:000}ä";

    private async Task SettleAsync(SearchVillage village, int number)
    {
        var user = NameOf(number);
        var inhabitant = await village.AddAsync(user, [$"g{number % Groups}"]);
        var agrees = number % 2 == 0;
        foreach (var (folder, audience, users, groups) in new (string, Audience?, int[], int[])[]
        {
            ("open", Audience.Everyone, [], []),
            ("members", Audience.SignedIn, [], []),
            ("team", Audience.Named, [], [number % Groups]),
            ("friends", Audience.Named, [(number + 1) % Peers, 7], []),
            ("private", null, [], []),
        })
        {
            Directory.CreateDirectory(Path.Combine(inhabitant.Folder, folder));
            for (var count = 0; count < 2; count++)
            {
                var words = Enumerable.Range(0, 6).Select(_ => _random.Next(WordCount)).ToHashSet();
                await File.WriteAllTextAsync(Path.Combine(inhabitant.Folder, folder, $"{count}.txt"), string.Join(' ', words.Select(WordOf)));
                _documents.Add(new(number, $"{user}/{folder}/{count}.txt", words, audience, [.. users], [.. groups], agrees || audience is Audience.Everyone or Audience.SignedIn));
            }

            if (audience is { } open)
            {
                await inhabitant.Peer.SetRuleAsync(new AccessRule
                {
                    Path = SitePath.Parse(folder),
                    Audience = open,
                    Users = [.. users.Select(user => UserId.Parse($"{NameOf(user)}@example.org"))],
                    Groups = [.. groups.Select(group => $"g{group}")],
                });
            }
        }

        if (agrees)
        {
            await inhabitant.Search.SetSummarizedAsync(SitePath.Root, true);
        }

        await inhabitant.Search.WhenFoundAsync();
    }

    private List<string> Expected(int asker, int word, Func<Document, bool> isAsked) =>
        [.. _documents.Where(document => document.Words.Contains(word) && isAsked(document) && document.MayRead(asker)).Select(document => document.Path).Order(StringComparer.Ordinal)];

    private sealed record Document(int Owner, string Path, IReadOnlySet<int> Words, Audience? Audience, IReadOnlyList<int> Users, IReadOnlyList<int> Groups, bool IsKnownToRegistrar)
    {
        public bool MayRead(int user) => user == Owner || Audience switch
        {
            P2P.YouServ.Audience.Everyone or P2P.YouServ.Audience.SignedIn => true,
            P2P.YouServ.Audience.Named => Users.Contains(user) || Groups.Contains(user % CompletenessTests.Groups),
            _ => false,
        };
    }
}
