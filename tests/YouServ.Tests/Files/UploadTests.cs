using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using P2P.YouServ.Http.Files;

namespace YouServ.Tests.Files;

public sealed class UploadTests : IAsyncLifetime
{
    private const string Api = "/.youserv/api/files";
    private const int WrongChecksum = 460;

    private LiveSite _site = null!;

    public async Task InitializeAsync()
    {
        _site = await LiveSite.StartAsync(new() { UploadsMax = 3, UploadBytesMax = 100 << 20, FreeBytesReserve = 1000 });
        _site.Visitor = new() { IsOwner = true };
    }

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Fact]
    public async Task A_file_comes_in_pieces_and_appears_when_it_is_whole()
    {
        var content = Random(200_000);
        var address = await BeginAsync("a/ü 文件.bin", content.Length, ("sha256", Convert.ToHexString(SHA256.HashData(content))));
        Assert.StartsWith(Api + "/uploads/", address, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NoContent, (await AppendAsync(address, 0, content[..70_000])).StatusCode);
        Assert.False(File.Exists(_site.Folder.NameOf("a/ü 文件.bin")));
        Assert.Equal(70_000, await OffsetAsync(address));
        using var last = await AppendAsync(address, 70_000, content[70_000..]);
        Assert.Equal(HttpStatusCode.NoContent, last.StatusCode);
        Assert.Equal(content, await File.ReadAllBytesAsync(_site.Folder.NameOf("a/ü 文件.bin")));
        using var served = await _site.GetAsync("/a/" + Uri.EscapeDataString("ü 文件.bin"));
        Assert.Equal(last.Headers.ETag, served.Headers.ETag);
        Assert.Empty(Directory.GetFileSystemEntries(_site.Folder.NameOf(".youserv/uploads")));
        Assert.Equal(content.Length, await OffsetAsync(address));
        Assert.Equal(HttpStatusCode.NoContent, (await AppendAsync(address, content.Length, [])).StatusCode);
    }

    [Fact]
    public async Task An_upload_whose_last_answer_was_lost_is_finished_by_asking_how_it_stands()
    {
        var address = await BeginAsync("a.txt", 5);
        _site.Folder.Write("a.txt", "in the way");
        Assert.Equal(HttpStatusCode.Conflict, (await AppendAsync(address, 0, "hello"u8.ToArray())).StatusCode);
        _site.Restart();
        using (var request = Request(HttpMethod.Head, address, [], null))
        using (var answer = await _site.Client.SendAsync(request))
        {
            Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        }

        File.Delete(_site.Folder.NameOf("a.txt"));
        Assert.Equal(5, await OffsetAsync(address));
        Assert.Equal("hello", await _site.Client.GetStringAsync("/a.txt"));
    }

    [Fact]
    public async Task A_small_file_comes_with_its_beginning_and_an_empty_one_is_there_at_once()
    {
        using var small = Request(HttpMethod.Post, Api + "/uploads", [("Upload-Length", "5"), ("Upload-Metadata", Metadata(("filename", "a.txt")))], "hello"u8.ToArray());
        using var answer = await _site.Client.SendAsync(small);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        Assert.Equal("hello", await _site.Client.GetStringAsync("/a.txt"));
        await BeginAsync("empty", 0);
        Assert.Equal("", await _site.Client.GetStringAsync("/empty"));
    }

    [Fact]
    public async Task An_upload_that_was_cut_goes_on_where_it_stopped_also_after_a_restart()
    {
        var content = Random(3 << 20);
        var address = await BeginAsync("a.bin", content.Length);
        using (var client = new TcpClient())
        {
            await client.ConnectAsync(IPAddress.Loopback, _site.Address.Port);
            var head = $"PATCH {address} HTTP/1.1\r\nHost: site\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\nContent-Length: {content.Length}\r\n\r\n";
            await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
            await client.GetStream().WriteAsync(content.AsMemory(0, 1 << 20));

            // The first request still waits for the rest of its body when the second asks how far it has come.
            Assert.InRange(await OffsetAsync(address), 0, 1 << 20);
        }

        _site.Restart();
        var offset = (int)await OffsetAsync(address);
        Assert.Equal(HttpStatusCode.NoContent, (await AppendAsync(address, offset, content[offset..])).StatusCode);
        Assert.Equal(content, await File.ReadAllBytesAsync(_site.Folder.NameOf("a.bin")));
    }

    [Fact]
    public async Task Bytes_that_go_on_from_elsewhere_are_refused()
    {
        var address = await BeginAsync("a.bin", 10);
        Assert.Equal(HttpStatusCode.Conflict, (await AppendAsync(address, 5, new byte[5])).StatusCode);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await AppendAsync(address, 0, new byte[11])).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await AppendAsync(Api + "/uploads/..%2f..%2fa", 0, new byte[1])).StatusCode);
        Assert.Equal(0, await OffsetAsync(address));
    }

    [Fact]
    public async Task Content_that_is_not_what_its_hash_says_is_dropped()
    {
        var address = await BeginAsync("a.bin", 3, ("sha256", new string('0', 64)));
        Assert.Equal(WrongChecksum, (int)(await AppendAsync(address, 0, [1, 2, 3])).StatusCode);
        Assert.False(File.Exists(_site.Folder.NameOf("a.bin")));
        Assert.Empty(Directory.GetFileSystemEntries(_site.Folder.NameOf(".youserv/uploads")));
    }

    [Fact]
    public async Task What_is_there_stays_unless_the_owner_says_otherwise()
    {
        _site.Folder.Write("a.txt", "old");
        Assert.Equal(HttpStatusCode.Conflict, (await TryBeginAsync("a.txt", 3, [])).StatusCode);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await TryBeginAsync("a.txt", 3, [("If-Match", "\"x\"")])).StatusCode);
        using var old = await _site.GetAsync("/a.txt");
        using var matching = await TryBeginAsync("a.txt", 3, [("If-Match", old.Headers.ETag!.Tag)]);
        var address = matching.Headers.Location!.OriginalString;
        Assert.Equal(HttpStatusCode.NoContent, (await AppendAsync(address, 0, "new"u8.ToArray())).StatusCode);
        Assert.Equal("new", await _site.Client.GetStringAsync("/a.txt"));
        var overwriting = await BeginAsync("a.txt", 5, ("overwrite", "true"));
        Assert.Equal(HttpStatusCode.NoContent, (await AppendAsync(overwriting, 0, "newer"u8.ToArray())).StatusCode);
        Assert.Equal("newer", await _site.Client.GetStringAsync("/a.txt"));
    }

    [Fact]
    public async Task Of_two_uploads_of_one_file_the_first_to_end_has_it_and_the_other_waits_for_room()
    {
        var (one, two) = (await BeginAsync("a.txt", 3), await BeginAsync("a.txt", 3));
        Assert.Equal(HttpStatusCode.NoContent, (await AppendAsync(one, 0, "one"u8.ToArray())).StatusCode);
        Assert.Equal(HttpStatusCode.Conflict, (await AppendAsync(two, 0, "two"u8.ToArray())).StatusCode);
        Assert.Equal("one", await _site.Client.GetStringAsync("/a.txt"));
        File.Delete(_site.Folder.NameOf("a.txt"));
        Assert.Equal(HttpStatusCode.NoContent, (await AppendAsync(two, 3, [])).StatusCode);
        Assert.Equal("two", await _site.Client.GetStringAsync("/a.txt"));
    }

    [Fact]
    public async Task No_upload_fills_the_disk()
    {
        _site.FreeBytes = 1_000 + 100;
        Assert.Equal(HttpStatusCode.InsufficientStorage, (await TryBeginAsync("a", 101, [])).StatusCode);
        var address = await BeginAsync("a", 60);
        Assert.Equal(HttpStatusCode.InsufficientStorage, (await TryBeginAsync("b", 41, [])).StatusCode);
        _site.FreeBytes = 1_000;
        Assert.Equal(HttpStatusCode.InsufficientStorage, (await AppendAsync(address, 0, new byte[60])).StatusCode);
        Assert.Equal(0, await OffsetAsync(address));
        _site.FreeBytes = 1_100;
        Assert.Equal(HttpStatusCode.NoContent, (await AppendAsync(address, 0, new byte[60])).StatusCode);
    }

    [Fact]
    public async Task Uploads_are_bounded_and_forgotten_ones_make_way()
    {
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, (await TryBeginAsync("a", (100 << 20) + 1, [])).StatusCode);
        var first = await BeginAsync("1", 10);
        await BeginAsync("2", 10);
        await BeginAsync("3", 10);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await TryBeginAsync("4", 10, [])).StatusCode);
        using var drop = await _site.SendAsync(HttpMethod.Delete, first, ("Tus-Resumable", "1.0.0"));
        Assert.Equal(HttpStatusCode.NoContent, drop.StatusCode);
        var fourth = await BeginAsync("4", 10);
        _site.Time.Advance(new SiteFilesOptions().UploadExpiry);
        Assert.Equal(HttpStatusCode.NotFound, (await AppendAsync(fourth, 0, new byte[10])).StatusCode);
        await BeginAsync("5", 10);
        Assert.Equal(2, Directory.GetFileSystemEntries(_site.Folder.NameOf(".youserv/uploads")).Length);
    }

    [Theory]
    [InlineData("../outside/x")]
    [InlineData("a/../../x")]
    [InlineData("")]
    [InlineData("/")]
    [InlineData(".youserv/uploads/x.json")]
    [InlineData(".YOUSERV")]
    [InlineData(".hidden")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    public async Task Names_that_a_site_may_not_have_are_refused(string path) =>
        Assert.Equal(HttpStatusCode.BadRequest, (await TryBeginAsync(path, 1, [])).StatusCode);

    [Fact]
    public async Task An_upload_does_not_go_through_a_link_that_leads_outside()
    {
        _site.Folder.Link("out", _site.Folder.Outside);
        _site.Folder.Link("file", Path.Combine(_site.Folder.Outside, "secret.txt"));
        var address = await BeginAsync("out/x", 1);
        Assert.Equal(HttpStatusCode.Conflict, (await AppendAsync(address, 0, [1])).StatusCode);
        address = await BeginAsync("file", 1, ("overwrite", "true"));
        Assert.Equal(HttpStatusCode.NoContent, (await AppendAsync(address, 0, "x"u8.ToArray())).StatusCode);
        Assert.Equal("x", await _site.Client.GetStringAsync("/file"));
        Assert.Equal(TemporaryFolder.Secret, await File.ReadAllTextAsync(Path.Combine(_site.Folder.Outside, "secret.txt")));
        Assert.Single(Directory.GetFileSystemEntries(_site.Folder.Outside));
    }

    [Fact]
    public async Task The_protocol_is_told_to_who_asks_and_demanded_of_who_does_not()
    {
        using var options = await _site.SendAsync(HttpMethod.Options, Api + "/uploads");
        Assert.Equal("1.0.0", options.Headers.GetValues("Tus-Version").Single());
        Assert.Contains("creation", options.Headers.GetValues("Tus-Extension").Single(), StringComparison.Ordinal);
        using var old = await _site.SendAsync(HttpMethod.Post, Api + "/uploads", ("Upload-Length", "1"));
        Assert.Equal(HttpStatusCode.PreconditionFailed, old.StatusCode);
        using var malformed = await _site.SendAsync(HttpMethod.Post, Api + "/uploads", ("Tus-Resumable", "1.0.0"), ("Upload-Length", "-1"), ("Upload-Metadata", "path ???"));
        Assert.Equal(HttpStatusCode.BadRequest, malformed.StatusCode);
    }

    [Fact]
    public async Task The_owner_makes_moves_and_deletes()
    {
        _site.Folder.Write("a.txt", "a");
        _site.Folder.Write("b.txt", "b");
        Assert.Equal(HttpStatusCode.Created, await ChangeAsync("/mkdir", new { path = "c" }));
        Assert.Equal(HttpStatusCode.Conflict, await ChangeAsync("/mkdir", new { path = "c" }));
        Assert.Equal(HttpStatusCode.NoContent, await ChangeAsync("/move", new { path = "a.txt", to = "c/a.txt" }));
        Assert.Equal("a", await _site.Client.GetStringAsync("/c/a.txt"));
        Assert.Equal(HttpStatusCode.Conflict, await ChangeAsync("/move", new { path = "b.txt", to = "c/a.txt" }));
        Assert.Equal(HttpStatusCode.NoContent, await ChangeAsync("/move", new { path = "b.txt", to = "c/a.txt", overwrite = true }));
        Assert.Equal("b", await _site.Client.GetStringAsync("/c/a.txt"));
        Assert.Equal(HttpStatusCode.NotFound, await ChangeAsync("/move", new { path = "none", to = "c/none" }));
        Assert.Equal(HttpStatusCode.NoContent, await ChangeAsync("/delete", new { path = "c" }));
        Assert.Equal(HttpStatusCode.NotFound, await ChangeAsync("/delete", new { path = "c" }));
        Assert.Equal(HttpStatusCode.BadRequest, await ChangeAsync("/delete", new { path = "/" }));
        Assert.Equal(HttpStatusCode.BadRequest, await ChangeAsync("/delete", new { path = ".youserv" }));
        Assert.Equal(HttpStatusCode.BadRequest, await ChangeAsync("/move", new { path = "a", to = "../a" }));
        Assert.Equal(HttpStatusCode.BadRequest, await ChangeAsync("/mkdir", new { }));
        Assert.Equal(HttpStatusCode.NotFound, await ChangeAsync("/format", new { }));
        using var form = await _site.Client.PostAsync(Api + "/delete", new StringContent("{\"path\":\"a\"}", Encoding.UTF8, "text/plain"));
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, form.StatusCode);
    }

    private static byte[] Random(int length)
    {
        var content = new byte[length];
        new Random(length).NextBytes(content);
        return content;
    }

    private static string Metadata(params (string Key, string Value)[] values) =>
        string.Join(',', values.Select(value => $"{value.Key} {Convert.ToBase64String(Encoding.UTF8.GetBytes(value.Value))}"));

    private static HttpRequestMessage Request(HttpMethod method, string path, (string Name, string Value)[] headers, byte[]? content)
    {
        var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Tus-Resumable", "1.0.0");
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        if (content is not null)
        {
            request.Content = new ByteArrayContent(content);
            request.Content.Headers.ContentType = new("application/offset+octet-stream");
        }

        return request;
    }

    private async Task<HttpStatusCode> ChangeAsync(string what, object request)
    {
        using var answer = await _site.Client.PostAsJsonAsync(Api + what, request);
        return answer.StatusCode;
    }

    private async Task<string> BeginAsync(string path, long length, params (string Key, string Value)[] metadata)
    {
        using var request = Request(HttpMethod.Post, Api + "/uploads", [("Upload-Length", Text(length)), ("Upload-Metadata", Metadata([("path", path), .. metadata]))], null);
        using var answer = await _site.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return answer.Headers.Location!.OriginalString;
    }

    private async Task<HttpResponseMessage> TryBeginAsync(string path, long length, (string Name, string Value)[] headers)
    {
        using var request = Request(HttpMethod.Post, Api + "/uploads", [("Upload-Length", Text(length)), ("Upload-Metadata", Metadata(("path", path))), .. headers], null);
        return await _site.Client.SendAsync(request);
    }

    private async Task<HttpResponseMessage> AppendAsync(string address, long offset, byte[] content)
    {
        using var request = Request(HttpMethod.Patch, address, [("Upload-Offset", Text(offset))], content);
        return await _site.Client.SendAsync(request);
    }

    private async Task<long> OffsetAsync(string address)
    {
        using var request = Request(HttpMethod.Head, address, [], null);
        using var answer = await _site.Client.SendAsync(request);
        return long.Parse(answer.Headers.GetValues("Upload-Offset").Single(), CultureInfo.InvariantCulture);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
