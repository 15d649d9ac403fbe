using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.FileProviders;
using Microsoft.Extensions.Logging;

namespace Benchmarks.Site;

/// <summary>What anybody writes first to serve a folder with ASP.NET Core.</summary>
internal sealed class KestrelFiles : IAsyncDisposable
{
    private readonly WebApplication _application;

    private KestrelFiles(WebApplication application) => _application = application;

    public Uri Address => new(_application.Urls.Single());

    public static async Task<KestrelFiles> StartAsync(string root)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        var application = builder.Build();
        application.UseStaticFiles(new StaticFileOptions { FileProvider = new PhysicalFileProvider(root) });
        await application.StartAsync();
        return new(application);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();
}
