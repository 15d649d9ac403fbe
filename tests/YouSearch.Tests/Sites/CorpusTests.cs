using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using P2P.YouSearch;
using P2P.YouServ;
using YouServ.Tests;

namespace YouSearch.Tests.Sites;

/// <summary>Documents that nobody here has written: what twenty peers find of them is what <c>grep</c> finds.</summary>
public sealed partial class CorpusTests : IDisposable
{
    private const int Peers = 20;
    private const int Seed = 29;
    private const int FilesMin = 200;
    private const long LengthMax = 256 * 1024;
    private const long BytesMax = 12 << 20;

    private static readonly string[] Names = ["copyright", "README", "README.Debian", "NEWS", "AUTHORS", "TODO", "THANKS", "FAQ"];

    private readonly TemporaryFolder _folder = new();

    [SkippableFact]
    public async Task Twenty_peers_find_in_the_documents_of_a_system_what_grep_finds()
    {
        var grep = Installed.Program("grep", "grep");
        var documents = Documents();
        Skip.If(documents.Count < FilesMin, $"This system ships {documents.Count} documents in /usr/share/doc; {FilesMin} are worth the test.");

        await using var village = await SearchVillage.StartAsync();
        var random = new Random(Seed);
        for (var number = 0; number < Peers; number++)
        {
            var inhabitant = await village.AddAsync($"p{number:00}");
            await inhabitant.Peer.SetRuleAsync(new AccessRule { Path = SitePath.Root, Audience = Audience.Everyone });
            Link(inhabitant.Folder, documents.Where((_, index) => index % Peers == number));
            await inhabitant.Search.WhenFoundAsync();
        }

        // grep looks at what the peers have, by the same names.
        var (roots, words) = (_folder.In("all"), Words(documents, random));
        for (var number = 0; number < Peers; number++)
        {
            Directory.CreateDirectory(roots);
            Directory.CreateSymbolicLink(Path.Combine(roots, $"p{number:00}"), village[$"p{number:00}"].Folder);
        }

        var paths = Enumerable.Range(0, Peers).Select(number => $"p{number:00}")
            .SelectMany(name => Directory.EnumerateFiles(village[name].Folder, "*", SearchOption.AllDirectories).Select(path => $"{name}{path[village[name].Folder.Length..]}")).ToList();
        var asker = village["p00"].Search;
        var truth = new Dictionary<string, IReadOnlySet<string>>();
        foreach (var word in words)
        {
            truth[word] = await GrepAsync(grep, roots, paths, word);
            await CompareAsync(asker, word, truth[word]);
        }

        foreach (var (first, second) in words.Zip(words.Skip(1)))
        {
            await CompareAsync(asker, $"{first} {second}", truth[first].Intersect(truth[second]).ToHashSet());
            await CompareAsync(asker, $"{first} -{second}", truth[first].Except(truth[second]).ToHashSet());
        }
    }

    public void Dispose() => _folder.Dispose();

    private static async Task CompareAsync(YouSearchPeer asker, string query, IReadOnlySet<string> truth)
    {
        var found = await asker.FindAsync(query, new SearchOptions { Count = 200, UsesCache = false });
        Assert.Equal(0, found.Progress.Silent);

        // All are counted; those that fit are listed, and those of equal content under one of them.
        Assert.True(truth.Count == found.Matches, $"{query}: grep finds {truth.Count}, and the peers {found.Matches}.");
        var listed = found.Hits.SelectMany(hit => hit.SameAt.Prepend(hit.Url)).Select(url => $"{url.Host.Split('.')[0]}{Uri.UnescapeDataString(url.AbsolutePath)}").ToHashSet();
        Assert.Empty(listed.Except(truth));
        if (truth.Count <= 20)
        {
            Assert.Empty(truth.Except(listed));
        }
    }

    private static List<FileInfo> Documents()
    {
        var (documents, bytes) = (new List<FileInfo>(), 0L);
        var folder = new DirectoryInfo("/usr/share/doc");
        if (!folder.Exists)
        {
            return documents;
        }

        foreach (var file in folder.EnumerateFiles("*", new EnumerationOptions { RecurseSubdirectories = true }).OrderBy(file => file.FullName, StringComparer.Ordinal))
        {
            if (file.LinkTarget is null && file.Length > 0 && file.Length <= LengthMax && bytes + file.Length <= BytesMax && (Names.Contains(file.Name) || file.Extension == ".txt"))
            {
                documents.Add(file);
                bytes += file.Length;
            }
        }

        return documents;
    }

    private static void Link(string folder, IEnumerable<FileInfo> documents)
    {
        foreach (var document in documents)
        {
            var path = Path.Combine(folder, document.FullName["/usr/share/doc/".Length..]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            document.CopyTo(path);
        }
    }

    /// <summary>Picks words that stand in the documents, rare ones and common ones.</summary>
    private static List<string> Words(List<FileInfo> documents, Random random) =>
        [.. Enumerable.Range(0, 60).Select(_ => Word().Matches(File.ReadAllText(documents[random.Next(documents.Count)].FullName, Encoding.Latin1)) is { Count: > 0 } words ? words[random.Next(words.Count)].Value.ToLowerInvariant() : "copyright").Distinct()];

    private static async Task<IReadOnlySet<string>> GrepAsync(string grep, string root, IReadOnlyList<string> paths, string word)
    {
        using var process = Process.Start(new ProcessStartInfo(grep, ["-RliaE", $"(^|[^[:alnum:]]){word}($|[^[:alnum:]])", "."])
        {
            WorkingDirectory = root,
            RedirectStandardOutput = true,
            Environment = { ["LC_ALL"] = "C.UTF-8" },
        })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();

        // Documents are found by their names and their folders' too.
        var named = new Regex($"(?i)(?<![a-z0-9]){word}(?![a-z0-9])");
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(path => path[2..])
            .Concat(paths.Where(path => named.IsMatch(path[path.IndexOf('/', StringComparison.Ordinal)..])))
            .ToHashSet(StringComparer.Ordinal);
    }

    [GeneratedRegex("(?<![A-Za-z0-9])[A-Za-z]{3,12}(?![A-Za-z0-9])")]
    private static partial Regex Word();
}
