using System.IO.Compression;
using System.Net;
using System.Text.Json;
using P2P.YouServ;

namespace YouServ.Tests.Files;

public sealed class FolderServingTests : IAsyncLifetime
{
    private LiveSite _site = null!;

    public async Task InitializeAsync() => _site = await LiveSite.StartAsync(new() { ListingPageMax = 10, ListingEntriesMax = 30, ZipEntriesMax = 50 });

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task A_folder_without_a_slash_at_its_end_is_redirected_and_nowhere_else()
    {
        _site.Folder.Write("evil.example:80 ü/a.txt", "a");
        using var answer = await _site.GetAsync("/evil.example:80%20%C3%BC?sort=size");
        Assert.Equal(HttpStatusCode.TemporaryRedirect, answer.StatusCode);
        Assert.Equal("./evil.example%3A80%20%C3%BC/?sort=size", answer.Headers.GetValues("Location").Single());
        Assert.StartsWith("HTTP/1.1 404", await _site.SendRawAsync("GET //evil.example HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_first_page_stands_for_the_folder_unless_the_visitor_may_not_read_it()
    {
        _site.Folder.Write("a/index.html", "welcome");
        Assert.Equal("welcome", await _site.Client.GetStringAsync("/a/"));
        Assert.Equal("welcome", await _site.Client.GetStringAsync("/a/"));
        _site.Access.Rules = new([new() { Path = SitePath.Root, Audience = Audience.Everyone }, new() { Path = SitePath.Parse("a/index.html") }]);
        Assert.Contains("Nothing to see", await _site.Client.GetStringAsync("/a/"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_listing_shows_only_what_the_visitor_may_see()
    {
        foreach (var name in (string[])["open.txt", "closed.txt", ".hidden", ".youserv/uploads/x", "closed/a.txt", "way/deep/open.txt", "way/closed.txt"])
        {
            _site.Folder.Write(name, "x");
        }

        _site.Folder.Link("out", _site.Folder.Outside);
        _site.Access.Rules = new(
        [
            new() { Path = SitePath.Parse("open.txt"), Audience = Audience.Everyone },
            new() { Path = SitePath.Parse("way/deep"), Audience = Audience.Everyone },
        ]);
        Assert.Equal(["way", "open.txt"], await NamesAsync("/"));
        Assert.Equal(["deep"], await NamesAsync("/way/"));
        Assert.Equal(["open.txt"], await NamesAsync("/way/deep/"));
        _site.Visitor = new() { IsOwner = true };
        Assert.Equal(["closed", "way", "closed.txt", "open.txt"], await NamesAsync("/"));
    }

    [Fact]
    public async Task Entries_are_sorted_as_asked()
    {
        _site.Folder.Write("b", "1");
        _site.Folder.Write("A", "333");
        _site.Folder.Write("c", "22");
        _site.Folder.Write("z/x", "");
        File.SetLastWriteTimeUtc(_site.Folder.NameOf("b"), new(2020, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Assert.Equal(["z", "A", "b", "c"], await NamesAsync("/"));
        Assert.Equal(["z", "c", "b", "A"], await NamesAsync("/?sort=name&order=desc"));
        Assert.Equal(["z", "b", "c", "A"], await NamesAsync("/?sort=size"));
        Assert.Equal("b", (await NamesAsync("/?sort=time"))[1]);
        Assert.Equal(["z", "A", "b", "c"], await NamesAsync("/?sort=%00&order=&page=-99999999999999"));
    }

    [Fact]
    public async Task A_long_folder_comes_in_pages_and_an_endless_one_says_so()
    {
        for (var i = 0; i < 35; i++)
        {
            _site.Folder.Write($"{i:d2}.txt", "x");
        }

        Assert.Equal(10, (await NamesAsync("/?page=3")).Length);
        Assert.Equal(await NamesAsync("/?page=3"), await NamesAsync("/?page=9"));
        var page = await _site.Client.GetStringAsync("/?page=2");
        Assert.Contains("The first 30 of many entries.", page, StringComparison.Ordinal);
        Assert.Contains("Page 2 of 3", page, StringComparison.Ordinal);
        Assert.Contains("href=\"?sort=name&amp;order=asc&amp;page=3\"", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Names_are_text_and_no_markup()
    {
        _site.Folder.Write("<script>alert(1)</script>&\"'.txt", "x");
        _site.Folder.Write("javascript:alert(1)", "x");
        using var answer = await _site.GetAsync("/");
        var page = await answer.Content.ReadAsStringAsync();
        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("style=", page, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("href=\"./javascript%3Aalert%281%29\"", page, StringComparison.Ordinal);
        Assert.StartsWith("default-src 'none'", answer.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.True(answer.Headers.CacheControl is { Private: true });
        Assert.Equal("Accept", answer.Headers.Vary.Single());
    }

    [Fact]
    public async Task A_zip_holds_what_the_visitor_may_read()
    {
        var big = new byte[300_000];
        new Random(1).NextBytes(big);
        _site.Folder.Write("a/ü 文件.txt", "hello");
        _site.Folder.Write("a/b/big.bin", big);
        _site.Folder.Write("a/closed.txt", "secret");
        _site.Folder.Write("a/.hidden", "secret");
        _site.Folder.Write("a/old.txt", "x");
        File.SetLastWriteTimeUtc(_site.Folder.NameOf("a/old.txt"), new(1971, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        Directory.CreateDirectory(_site.Folder.NameOf("a/empty"));
        _site.Folder.Link("a/out", _site.Folder.Outside);
        _site.Folder.Link("a/b/up", "..");
        _site.Access.Rules = new([new() { Path = SitePath.Root, Audience = Audience.Everyone }, new() { Path = SitePath.Parse("a/closed.txt") }]);
        using var answer = await _site.GetAsync("/a/?zip");
        Assert.Equal("application/zip", answer.Content.Headers.ContentType!.ToString());
        Assert.Contains("a.zip", answer.Content.Headers.ContentDisposition!.ToString(), StringComparison.Ordinal);
        await using var archive = new ZipArchive(new MemoryStream(await answer.Content.ReadAsByteArrayAsync()));
        Assert.Equal(["b/", "b/big.bin", "empty/", "old.txt", "ü 文件.txt"], archive.Entries.Select(entry => entry.FullName).Order(StringComparer.Ordinal));
        Assert.Equal(big, Read(archive.GetEntry("b/big.bin")!));
        Assert.Equal("hello"u8.ToArray(), Read(archive.GetEntry("ü 文件.txt")!));
    }

    [Fact]
    public async Task A_zip_of_too_many_files_breaks_off()
    {
        for (var i = 0; i < 60; i++)
        {
            _site.Folder.Write($"{i:d2}.txt", "x");
        }

        await Assert.ThrowsAnyAsync<HttpRequestException>(async () =>
        {
            using var answer = await _site.GetAsync("/?zip");
            await answer.Content.ReadAsByteArrayAsync();
        });
    }

    [Fact]
    public async Task A_zip_that_nobody_waits_for_any_more_ends_and_closes_its_files()
    {
        using (var file = File.OpenHandle(_site.Folder.NameOf("big.bin"), FileMode.Create, FileAccess.Write))
        {
            RandomAccess.SetLength(file, 5L << 30);
        }

        using (var answer = await _site.GetAsync("/?zip"))
        {
            await (await answer.Content.ReadAsStreamAsync()).ReadExactlyAsync(new byte[1000]);
        }

        Assert.Equal(["big.bin"], await NamesAsync("/"));
    }

    private static byte[] Read(ZipArchiveEntry entry)
    {
        using var stream = entry.Open();
        using var all = new MemoryStream();
        stream.CopyTo(all);
        return all.ToArray();
    }

    private async Task<string[]> NamesAsync(string path)
    {
        using var answer = await _site.GetAsync(path, ("Accept", "application/json, text/html;q=0.5"));
        using var json = JsonDocument.Parse(await answer.Content.ReadAsStringAsync());
        return [.. json.RootElement.GetProperty("entries").EnumerateArray().Select(entry => entry.GetProperty("name").GetString()!)];
    }
}
