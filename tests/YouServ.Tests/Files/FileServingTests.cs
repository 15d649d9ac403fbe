using System.Globalization;
using System.IO.Compression;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using P2P.YouServ;

namespace YouServ.Tests.Files;

public sealed class FileServingTests : IAsyncLifetime
{
    private LiveSite _site = null!;

    public async Task InitializeAsync() => _site = await LiveSite.StartAsync();

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task A_file_comes_with_what_browsers_and_caches_need()
    {
        _site.Folder.Write("Ünïcödé 文件/🎵 a.html", "<p>hello");
        using var answer = await _site.GetAsync("/" + Uri.EscapeDataString("Ünïcödé 文件") + "/" + Uri.EscapeDataString("🎵 a.html"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("<p>hello", await answer.Content.ReadAsStringAsync());
        Assert.Equal("text/html; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        Assert.Equal(8, answer.Content.Headers.ContentLength);
        Assert.False(answer.Headers.ETag!.IsWeak);
        Assert.NotNull(answer.Content.Headers.LastModified);
        Assert.Equal("bytes", answer.Headers.AcceptRanges.Single());
        Assert.Equal("nosniff", Header(answer, "X-Content-Type-Options"));
        Assert.Contains("script-src 'none'", Header(answer, "Content-Security-Policy"), StringComparison.Ordinal);
        Assert.True(answer.Headers.CacheControl is { Public: true, NoCache: true });
        Assert.Equal("cross-origin", Header(answer, "Cross-Origin-Resource-Policy"));
        Assert.Null(Header(answer, "X-Robots-Tag"));
        Assert.Equal("Accept-Encoding", Header(answer, "Vary"));
    }

    [Fact]
    public async Task What_is_not_for_everyone_is_kept_out_of_shared_caches_and_search_engines()
    {
        _site.Folder.Write("a.txt", "a");
        _site.Access.Rules = new([new() { Path = SitePath.Root, Audience = Audience.SignedIn }]);
        _site.Visitor = new() { User = UserId.Parse("joe@example.org") };
        using var answer = await _site.GetAsync("/a.txt");
        Assert.True(answer.Headers.CacheControl is { Private: true, NoCache: true, Public: false });
        Assert.Equal("noindex", Header(answer, "X-Robots-Tag"));
        Assert.Equal("same-origin", Header(answer, "Cross-Origin-Resource-Policy"));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(300_000)]
    public async Task A_head_says_what_a_get_would(int length)
    {
        _site.Folder.Write("a.bin", new byte[length]);
        using var head = await _site.SendAsync(HttpMethod.Head, "/a.bin");
        using var get = await _site.GetAsync("/a.bin");
        Assert.Equal(get.Content.Headers.ToString(), head.Content.Headers.ToString());
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        Assert.Equal(length, (await get.Content.ReadAsByteArrayAsync()).Length);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task Other_methods_are_not_allowed()
    {
        using var answer = await _site.SendAsync(HttpMethod.Put, "/a.txt");
        Assert.Equal(HttpStatusCode.MethodNotAllowed, answer.StatusCode);
        Assert.Equal("GET, HEAD", string.Join(", ", answer.Content.Headers.Allow));
    }

    [Fact]
    public async Task A_file_is_no_folder()
    {
        _site.Folder.Write("a.txt", "a");
        using var answer = await _site.GetAsync("/a.txt/");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_kept_file_that_changes_is_read_again()
    {
        for (var i = 0; i < 20; i++)
        {
            var content = i.ToString("d3", CultureInfo.InvariantCulture);
            _site.Folder.Write("a.txt", content);
            Assert.Equal(content, await _site.Client.GetStringAsync("/a.txt"));
            Assert.Equal(content, await _site.Client.GetStringAsync("/a.txt"));
        }

        File.Delete(_site.Folder.NameOf("a.txt"));
        using var answer = await _site.GetAsync("/a.txt");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task A_kept_file_is_not_served_through_a_link_that_leads_outside()
    {
        _site.Folder.Write("a/b.txt", "inside");
        Assert.Equal("inside", await _site.Client.GetStringAsync("/a/b.txt"));
        Directory.Move(_site.Folder.NameOf("a"), Path.Combine(_site.Folder.Outside, "a"));
        _site.Folder.Link("a", Path.Combine(_site.Folder.Outside, "a"));
        _site.Time.Advance(TimeSpan.FromSeconds(1));
        using var answer = await _site.GetAsync("/a/b.txt");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Theory]
    [InlineData("bytes=0-3", "0123", "bytes 0-3/10")]
    [InlineData("bytes=7-", "789", "bytes 7-9/10")]
    [InlineData("bytes=-2", "89", "bytes 8-9/10")]
    [InlineData("bytes=5-100", "56789", "bytes 5-9/10")]
    public async Task A_part_is_sent_of_small_and_large_files(string range, string expected, string contentRange)
    {
        _site.Folder.Write("a.bin", "0123456789");
        using var part = await _site.GetAsync("/a.bin", ("Range", range));
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(expected, await part.Content.ReadAsStringAsync());
        Assert.Equal(contentRange, part.Content.Headers.ContentRange!.ToString());
    }

    [Theory]
    [InlineData(10)]
    [InlineData(200_000)]
    public async Task Several_parts_come_as_one_answer(int length)
    {
        var content = Enumerable.Range(0, length).Select(i => (byte)('a' + i % 26)).ToArray();
        _site.Folder.Write("a.bin", content);
        using var answer = await _site.GetAsync("/a.bin", ("Range", "bytes=0-1, 5-6 ,-3"));
        Assert.Equal(HttpStatusCode.PartialContent, answer.StatusCode);
        var boundary = answer.Content.Headers.ContentType!.Parameters.Single().Value;
        var text = await answer.Content.ReadAsStringAsync();
        var end = Encoding.ASCII.GetString(content[^3..]);
        Assert.Equal(
            $"\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes 0-1/{length}\r\n\r\nab"
            + $"\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes 5-6/{length}\r\n\r\nfg"
            + $"\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes {length - 3}-{length - 1}/{length}\r\n\r\n{end}\r\n--{boundary}--\r\n",
            text);
        Assert.Equal(text.Length, answer.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task A_part_beyond_the_end_can_not_be_had()
    {
        _site.Folder.Write("a.bin", "0123456789");
        using var answer = await _site.GetAsync("/a.bin", ("Range", "bytes=10-"));
        Assert.Equal(HttpStatusCode.RequestedRangeNotSatisfiable, answer.StatusCode);
        Assert.Equal("bytes */10", answer.Content.Headers.ContentRange!.ToString());
    }

    [Fact]
    public async Task Ten_thousand_parts_are_answered_by_the_whole()
    {
        _site.Folder.Write("a.bin", "0123456789");
        var ranges = string.Join(',', Enumerable.Repeat("0-", 10_000));
        using var answer = await _site.GetAsync("/a.bin", ("Range", $"bytes={ranges}"));
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("0123456789", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Parts_lie_anywhere_in_a_file_larger_than_four_gigabytes()
    {
        const long Length = 5L << 30;
        using (var file = File.OpenHandle(_site.Folder.NameOf("big.bin"), FileMode.Create, FileAccess.Write))
        {
            RandomAccess.SetLength(file, Length);
            RandomAccess.Write(file, "end"u8, Length - 3);
        }

        using var part = await _site.GetAsync("/big.bin", ("Range", $"bytes={Length - 5}-"));
        Assert.Equal("\0\0end", await part.Content.ReadAsStringAsync());
        using var head = await _site.SendAsync(HttpMethod.Head, "/big.bin");
        Assert.Equal(Length, head.Content.Headers.ContentLength);
    }

    [Fact]
    public async Task Who_has_it_already_is_told_so()
    {
        _site.Folder.Write("a.txt", "a");
        using var first = await _site.GetAsync("/a.txt");
        var (tag, modified) = (first.Headers.ETag!.Tag, first.Content.Headers.LastModified!.Value.ToString("R", CultureInfo.InvariantCulture));
        foreach (var (name, value) in ((string, string)[])[("If-None-Match", tag), ("If-None-Match", $"\"x\", W/{tag}"), ("If-None-Match", "*"), ("If-Modified-Since", modified)])
        {
            using var answer = await _site.GetAsync("/a.txt", (name, value));
            Assert.Equal(HttpStatusCode.NotModified, answer.StatusCode);
            Assert.Equal(tag, answer.Headers.ETag!.Tag);
        }

        using var changed = await _site.GetAsync("/a.txt", ("If-None-Match", "\"x\""), ("If-Modified-Since", modified));
        Assert.Equal(HttpStatusCode.OK, changed.StatusCode);
    }

    [Fact]
    public async Task Who_means_another_state_gets_none()
    {
        _site.Folder.Write("a.txt", "a");
        using var first = await _site.GetAsync("/a.txt");
        var tag = first.Headers.ETag!.Tag;
        foreach (var (name, value) in ((string, string)[])[("If-Match", "\"x\""), ("If-Match", $"W/{tag}"), ("If-Unmodified-Since", "Sat, 01 Jan 2000 00:00:00 GMT")])
        {
            using var answer = await _site.GetAsync("/a.txt", (name, value));
            Assert.Equal(HttpStatusCode.PreconditionFailed, answer.StatusCode);
        }

        using var same = await _site.GetAsync("/a.txt", ("If-Match", tag), ("If-Unmodified-Since", "Sat, 01 Jan 2000 00:00:00 GMT"));
        Assert.Equal(HttpStatusCode.OK, same.StatusCode);
    }

    [Fact]
    public async Task The_rest_of_a_download_is_sent_only_of_the_same_file()
    {
        _site.Folder.Write("a.bin", "0123456789");
        using var first = await _site.GetAsync("/a.bin");
        using var same = await _site.GetAsync("/a.bin", ("Range", "bytes=5-"), ("If-Range", first.Headers.ETag!.Tag));
        Assert.Equal("56789", await same.Content.ReadAsStringAsync());
        using var other = await _site.GetAsync("/a.bin", ("Range", "bytes=5-"), ("If-Range", "\"x\""));
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Theory]
    [InlineData(5_000)]
    [InlineData(500_000)]
    public async Task Text_is_compressed_for_those_who_can_read_it(int length)
    {
        var text = string.Concat(Enumerable.Repeat("hello, reader; ", length / 15));
        _site.Folder.Write("a.txt", text);
        using var plain = await _site.GetAsync("/a.txt", ("Accept-Encoding", "br;q=0, gzip;q=0"));
        Assert.Empty(plain.Content.Headers.ContentEncoding);
        foreach (var (accepted, coding) in ((string, string)[])[("gzip, deflate, br", "br"), ("gzip", "gzip"), ("br;q=0.1, gzip;q=0.9", "gzip"), ("*", "br")])
        {
            using var answer = await _site.GetAsync("/a.txt", ("Accept-Encoding", accepted));
            Assert.Equal(coding, answer.Content.Headers.ContentEncoding.Single());
            Assert.Equal("Accept-Encoding", Header(answer, "Vary"));
            Assert.NotEqual(plain.Headers.ETag!.Tag, answer.Headers.ETag!.Tag);
            Assert.Equal(text, await UnpackAsync(answer));
            using var again = await _site.GetAsync("/a.txt", ("Accept-Encoding", accepted), ("If-None-Match", answer.Headers.ETag.ToString()));
            Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
        }
    }

    [Fact]
    public async Task What_was_compressed_beforehand_is_sent_while_it_is_not_older()
    {
        _site.Folder.Write("a.js", "plain();");
        _site.Folder.Write("a.js.br", "packed by someone");
        using var packed = await _site.GetAsync("/a.js", ("Accept-Encoding", "br, gzip"));
        Assert.Equal("br", packed.Content.Headers.ContentEncoding.Single());
        Assert.Equal("text/javascript; charset=utf-8", packed.Content.Headers.ContentType!.ToString());
        Assert.Equal("packed by someone", await packed.Content.ReadAsStringAsync());
        Assert.False(packed.Headers.ETag!.IsWeak);

        File.SetLastWriteTimeUtc(_site.Folder.NameOf("a.js.br"), DateTime.UnixEpoch.AddYears(30));
        using var stale = await _site.GetAsync("/a.js", ("Accept-Encoding", "br, gzip"));
        Assert.Equal("plain();", await stale.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_neighbour_that_the_visitor_may_not_read_is_not_sent_in_its_place()
    {
        _site.Folder.Write("a.js", "plain();");
        _site.Folder.Write("a.js.br", "for the owner");
        _site.Access.Rules = new([new() { Path = SitePath.Root, Audience = Audience.Everyone }, new() { Path = SitePath.Parse("a.js.br") }]);
        using var answer = await _site.GetAsync("/a.js", ("Accept-Encoding", "br"));
        Assert.Equal("plain();", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task A_download_is_named_as_the_file_is()
    {
        _site.Folder.Write("Ü\"1\".txt", "a");
        using var answer = await _site.GetAsync("/%C3%9C%221%22.txt?download=1");
        Assert.Contains("attachment", Header(answer, "Content-Disposition"), StringComparison.Ordinal);
        Assert.Contains("filename*=UTF-8''%C3%9C%221%22.txt", Header(answer, "Content-Disposition"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_file_that_shrinks_while_it_is_sent_breaks_the_connection()
    {
        var name = _site.Folder.Write("a.bin", new byte[64 << 20]);
        using var answer = await _site.GetAsync("/a.bin");
        var body = await answer.Content.ReadAsStreamAsync();
        await body.ReadExactlyAsync(new byte[1000]);
        using (var file = File.OpenHandle(name, FileMode.Open, FileAccess.Write))
        {
            RandomAccess.SetLength(file, 100_000);
        }

        await Assert.ThrowsAnyAsync<IOException>(() => body.CopyToAsync(Stream.Null));
    }

    [Fact]
    public async Task Many_streams_of_one_connection_are_served()
    {
        await using var site = await LiveSite.StartAsync(protocols: HttpProtocols.Http2);
        site.Folder.Write("a.txt", "small");
        site.Folder.Write("b.bin", new byte[3 << 20]);
        var lengths = await Task.WhenAll(Enumerable.Range(0, 40).Select(async i =>
        {
            using var answer = await site.GetAsync(i % 2 == 0 ? "/a.txt" : "/b.bin");
            Assert.Equal(HttpVersion.Version20, answer.Version);
            return (await answer.Content.ReadAsByteArrayAsync()).Length;
        }));
        Assert.All(lengths, (length, i) => Assert.Equal(i % 2 == 0 ? 5 : 3 << 20, length));
    }

    [Theory]
    [InlineData("Range: bytes=,,,,,")]
    [InlineData("Range: bytes=9223372036854775807-99999999999999999999999")]
    [InlineData("Range: bytes=-99999999999999999999999999")]
    [InlineData("Range: bytes=5-2")]
    [InlineData("Range: lines=1-2")]
    [InlineData("If-None-Match: \"")]
    [InlineData("If-None-Match: W/W/W/")]
    [InlineData("If-Match: ,,,")]
    [InlineData("If-Modified-Since: yesterday")]
    [InlineData("If-Range: \"")]
    [InlineData("Accept-Encoding: br;q=NaN, gzip;q=1e999, ;;;,,=")]
    [InlineData("Accept-Encoding: identity;q=0, *;q=0")]
    public async Task Headers_that_make_no_sense_are_answered_all_the_same(string header)
    {
        _site.Folder.Write("a.txt", "0123456789");
        var answer = await _site.SendRawAsync($"GET /a.txt HTTP/1.1\r\nHost: site\r\n{header}\r\nConnection: close\r\n\r\n");
        Assert.Matches("^HTTP/1.1 (200|206|304|400|412|416) ", answer);
    }

    private static string? Header(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out var values) || answer.Content.Headers.TryGetValues(name, out values) ? string.Join(", ", values) : null;

    private static async Task<string> UnpackAsync(HttpResponseMessage answer)
    {
        var body = await answer.Content.ReadAsStreamAsync();
        await using Stream unpacked = answer.Content.Headers.ContentEncoding.Single() == "br"
            ? new BrotliStream(body, CompressionMode.Decompress)
            : new GZipStream(body, CompressionMode.Decompress);
        using var reader = new StreamReader(unpacked);
        return await reader.ReadToEndAsync();
    }
}
