namespace YouServ.Tests.Files;

public sealed class TraversalTests : IAsyncLifetime
{
    private LiveSite _site = null!;

    public static TheoryData<string> Attempts =>
    [
        "/../outside/secret.txt", "/a/../../outside/secret.txt", "/%2e%2e/outside/secret.txt", "/%2e%2e%2foutside%2fsecret.txt", "/..%2foutside%2fsecret.txt",
        "/a/..%2f..%2foutside/secret.txt", "/%252e%252e/outside/secret.txt", "/..%5coutside%5csecret.txt", "/..\\outside\\secret.txt", "/a/..\\..\\outside\\secret.txt",
        "/.%2e/outside/secret.txt", "/%c0%ae%c0%ae/outside/secret.txt", "/%c0%af..%c0%afoutside/secret.txt", "/..;/outside/secret.txt", "/....//outside/secret.txt",
        "//outside/secret.txt", "///etc/passwd", "//etc/passwd", "/%2fetc%2fpasswd", "/etc/passwd", "/a.txt%00.html", "/%00/../outside/secret.txt", "/a.txt/../../outside/secret.txt",
        "/link/secret.txt", "/link/", "/file-link", "/link%2fsecret.txt", "/./link/../link/secret.txt", "/up/outside/secret.txt", "/proc/self/environ",
        "/%uff0e%uff0e/outside/secret.txt", "/\uff0e\uff0e/outside/secret.txt", "/..%c1%9coutside/secret.txt", "/a/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "http://other/../outside/secret.txt", "/.youserv/uploads/x", "/.YouServ/uploads/x", "/.youserv-state/key", "/%2eyouserv/uploads/x", "/.env", "/a/.git/config", "/%2eenv", "*",
    ];

    public async Task InitializeAsync()
    {
        _site = await LiveSite.StartAsync();
        _site.Folder.Write("a.txt", "inside");
        _site.Folder.Write("a/b.txt", "inside");
        _site.Folder.Write(".env", TemporaryFolder.Secret);
        _site.Folder.Write("a/.git/config", TemporaryFolder.Secret);
        _site.Folder.Write(".youserv/uploads/x", TemporaryFolder.Secret);
        _site.Folder.Write(".youserv-state/key", TemporaryFolder.Secret);
        _site.Folder.Link("link", _site.Folder.Outside);
        _site.Folder.Link("file-link", Path.Combine(_site.Folder.Outside, "secret.txt"));
        _site.Folder.Link("up", "..");
    }

    public async Task DisposeAsync() => await _site.DisposeAsync();

    [Theory]
    [MemberData(nameof(Attempts))]
    public async Task No_path_leads_out_of_the_site_or_to_what_is_hidden(string path)
    {
        var answer = await _site.SendRawAsync($"GET {path} HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n");
        Assert.Matches("^HTTP/1.1 (400|404|405) ", answer);
        Assert.DoesNotContain(TemporaryFolder.Secret, answer, StringComparison.Ordinal);
        Assert.DoesNotContain("root:", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_site_answers_after_all_of_that() =>
        Assert.EndsWith("inside", await _site.SendRawAsync("GET /a.txt HTTP/1.1\r\nHost: site\r\nConnection: close\r\n\r\n"), StringComparison.Ordinal);
}
