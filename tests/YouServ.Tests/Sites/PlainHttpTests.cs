using System.Net;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using P2P.YouServ;
using P2P.YouServ.Dns;
using YouServ.Tests.Coordination;

namespace YouServ.Tests.Sites;

public sealed class PlainHttpTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("192.0.2.9", false, HttpStatusCode.Forbidden)]
    [InlineData("192.0.2.9", true, HttpStatusCode.OK)]
    [InlineData("::ffff:192.0.2.9", false, HttpStatusCode.Forbidden)]
    [InlineData("127.0.0.1", false, HttpStatusCode.OK)]
    [InlineData("::ffff:127.0.0.1", false, HttpStatusCode.OK)]
    public async Task Passwords_of_peers_cross_no_wire_in_plain_unless_the_operator_says_so(string from, bool isAllowed, HttpStatusCode expected)
    {
        await using var store = await SqliteCoordinatorStore.OpenAsync(_folder.In("coordinator.db"));
        await new LocalAccounts(store).SetAsync(UserId.Parse("joe@example.org"), "joe's password");
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddSingleton<ICoordinatorStore>(store).AddSingleton<IDnsPublisher>(new MemoryDns());
        builder.Services.AddYouServCoordinator(options => (options.Zone, options.AllowPlainHttp) = (Village.Zone, isAllowed));
        await using var application = builder.Build();
        application.Use((context, next) =>
        {
            context.Connection.RemoteIpAddress = IPAddress.Parse(from);
            return next(context);
        });
        application.MapYouServCoordinator();
        await application.StartAsync();
        using var http = new HttpClient(new SocketsHttpHandler { UseProxy = false });
        var url = new Uri(application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        using var response = await http.PostAsJsonAsync(new Uri(url, "/api/v1/peer/sign-in"), new { user = "joe@example.org", password = "joe's password" });
        Assert.Equal(expected, response.StatusCode);
    }
}
