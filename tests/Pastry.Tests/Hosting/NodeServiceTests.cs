using Microsoft.Extensions.Hosting;
using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Pastry.Tests.Hosting;

public class NodeServiceTests
{
    [Fact]
    public async Task Node_that_fails_stops_the_application()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var time = new BreakableTime();
        await using var node = new PastryNode(new() { Transport = new InMemoryNetwork().CreateTransport, Time = time });
        var lifetime = new Lifetime();
        await new PastryNodeService(node, lifetime).StartAsync(limit.Token);

        time.Break();
        await Assert.ThrowsAsync<PastryException>(async () =>
        {
            while (true)
            {
                await node.GetStatusAsync(limit.Token);
            }
        });

        await lifetime.Stopped.Task.WaitAsync(limit.Token);
    }

    private sealed class Lifetime : IHostApplicationLifetime
    {
        public TaskCompletionSource Stopped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public CancellationToken ApplicationStarted => default;

        public CancellationToken ApplicationStopping => default;

        public CancellationToken ApplicationStopped => default;

        public void StopApplication() => Stopped.TrySetResult();
    }
}
