using System.Net;
using P2P.YouServ;

namespace YouServ.Tests.Sites;

/// <summary>What a peer hands out to call coordinators with goes over its own connections.</summary>
public sealed class CoordinatorConnectionTests : IAsyncLifetime
{
    private Village _village = null!;
    private YouServPeer _joe = null!;
    private int _made;

    public async Task InitializeAsync()
    {
        _village = await Village.StartAsync();
        (_joe, _) = await _village.AddPeerAsync("joe", options: options =>
        {
            var make = options.HttpHandler!;
            options.HttpHandler = () =>
            {
                _made++;
                return make();
            };
        });
    }

    public async Task DisposeAsync() => await _village.DisposeAsync();

    [Fact]
    public async Task Who_disposes_of_one_closes_nothing_for_others()
    {
        for (var i = 0; i < 3; i++)
        {
            using var client = new HttpClient(_joe.CreateCoordinatorHandler());
            using var answer = await client.GetAsync(_village.Coordinator);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.NotNull(await _joe.GetProverAsync(CancellationToken.None));
        Assert.Equal(1, _made);
    }
}
