using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using P2P.YouServ;
using P2P.YouServ.Http.Files;
using P2P.YouServ.Protocol;

namespace Benchmarks.Site;

/// <summary>A peer's way from a request to a file: the path is read, the rules are asked, the file is served.</summary>
internal sealed class PeerSite : IAsyncDisposable
{
    private readonly WebApplication _application;

    private PeerSite(WebApplication application) => _application = application;

    public Uri Address => new(_application.Urls.Single());

    public static async Task<PeerSite> StartAsync(SiteFolder folder)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        var access = new PublicAccess();
        var files = new SiteFiles(folder, access, new(), TimeProvider.System);
        application.Run(context => ServeAsync(context, files, access));
        await application.StartAsync();
        return new(application);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static Task ServeAsync(HttpContext context, SiteFiles files, PublicAccess access)
    {
        if (!SitePath.TryParse(context.Request.Path.Value, out var path))
        {
            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        }

        if (access.Decide(Visitor.Anonymous, path) != AccessDecision.Granted)
        {
            context.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return Task.CompletedTask;
        }

        return files.ServeAsync(context, path, Visitor.Anonymous).AsTask();
    }

    private sealed class PublicAccess : ISiteAccess
    {
        private readonly AccessRules _rules = new([new() { Path = SitePath.Root, Audience = Audience.Everyone }]);

        public AccessDecision Decide(Visitor visitor, SitePath path) => _rules.Decide(visitor, path);

        public bool LeadsToGranted(Visitor visitor, SitePath folder) => _rules.LeadsToGranted(visitor, folder);

        public bool IsPublic(SitePath path) => _rules.IsPublic(path);
    }
}
