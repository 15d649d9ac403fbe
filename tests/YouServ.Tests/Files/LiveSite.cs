using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using P2P.YouServ;
using P2P.YouServ.Http.Files;
using P2P.YouServ.Protocol;

namespace YouServ.Tests.Files;

/// <summary>A site over a real socket of the loopback, with a shell that does no more than decide on access.</summary>
internal sealed class LiveSite : IAsyncDisposable
{
    private readonly WebApplication _application;

    private LiveSite(WebApplication application, TemporaryFolder folder, ISiteAccess access)
    {
        _application = application;
        Folder = folder;
        Access = (RuledAccess)access;
    }

    public TemporaryFolder Folder { get; }

    public RuledAccess Access { get; }

    public Visitor Visitor { get; set; } = Visitor.Anonymous;

    public FakeTimeProvider Time { get; } = new(DateTimeOffset.UtcNow.AddDays(1));

    public HttpClient Client { get; private set; } = null!;

    public Uri Address { get; private set; } = null!;

    /// <summary>How much room the disk is said to have.</summary>
    public long FreeBytes { get; set; } = long.MaxValue / 2;

    /// <summary>What serves the owner's requests.</summary>
    private OwnerFiles Owner { get; set; } = null!;

    /// <summary>Forgets what only memory knows of uploads.</summary>
    public Action Restart { get; private set; } = null!;

    public static async Task<LiveSite> StartAsync(SiteFilesOptions? options = null, HttpProtocols protocols = HttpProtocols.Http1, Func<SiteFolder, SiteFolder>? wrap = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = protocols));
        var application = builder.Build();
        var folder = new TemporaryFolder();
        var site = new LiveSite(application, folder, new RuledAccess());
        options ??= new();
        var siteFolder = SiteFolder.Open(folder.Root);
        siteFolder = wrap is null ? siteFolder : wrap(siteFolder);
        var files = new SiteFiles(siteFolder, site.Access, options, site.Time);
        site.Restart = () => site.Owner = new OwnerFiles(siteFolder, files, new NoRules(), options, site.Time, () => site.FreeBytes);
        site.Restart();
        application.Run(context => site.AnswerAsync(context, files));
        application.Lifetime.ApplicationStopped.Register(siteFolder.Dispose);
        await application.StartAsync();
        site.Address = new(application.Urls.Single());
        site.Client = new(new SocketsHttpHandler { AllowAutoRedirect = false })
        {
            BaseAddress = site.Address,
            DefaultRequestVersion = protocols == HttpProtocols.Http2 ? HttpVersion.Version20 : HttpVersion.Version11,
            DefaultVersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        return site;
    }

    public Task<HttpResponseMessage> GetAsync(string path, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Get, path, headers);

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path) { Version = Client.DefaultRequestVersion, VersionPolicy = Client.DefaultVersionPolicy };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    /// <summary>Sends bytes as they are, and reads until the site closes the connection.</summary>
    public async Task<string> SendRawAsync(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, Address.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes(request));
        using var all = new MemoryStream();
        await stream.CopyToAsync(all);
        return Encoding.Latin1.GetString(all.ToArray());
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await _application.StopAsync();
        await _application.DisposeAsync();
        Folder.Dispose();
    }

    private async Task AnswerAsync(HttpContext context, SiteFiles files)
    {
        if (context.Request.Path.StartsWithSegments("/.youserv/api/files", StringComparison.Ordinal, out var rest) && Visitor.IsOwner)
        {
            await Owner.HandleAsync(context, rest.Value!);
        }
        else if (!SitePath.TryParse(context.Request.Path.Value, out var path))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
        }
        else if (Access.Decide(Visitor, path) != AccessDecision.Granted && !Access.LeadsToGranted(Visitor, path))
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        }
        else
        {
            await files.ServeAsync(context, path, Visitor);
        }
    }
}

/// <summary>A site without rules has none to move.</summary>
file sealed class NoRules : IFolderRules
{
    public ValueTask<IReadOnlyList<AccessRule>> CloseAsync(SitePath path) => new([]);

    public ValueTask RestoreAsync(SitePath path, IReadOnlyList<AccessRule> rules) => default;

    public ValueTask MoveAsync(SitePath from, SitePath to) => default;

    public ValueTask RemoveAsync(SitePath path) => default;
}
