using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace Pastry.Tests.Hosting;

public sealed class SimulatedEndpointTests : EndpointContract
{
    private readonly PastrySimulation _simulation = new();

    protected override Task RunAsync(Func<IRing, Task> program)
    {
        _simulation.Run(() => program(new Ring(_simulation)), TimeSpan.FromHours(1));
        return Task.CompletedTask;
    }

    [Fact]
    public void Reader_goes_on_in_an_event_of_its_own()
    {
        var endpoint = new PastryEndpoint("tests/endpoint");
        var node = _simulation.AddNode([endpoint]);
        node.StartRing();
        _simulation.Run(
            async () =>
            {
                await endpoint.RouteAsync(node.Handle.Id, new byte[1]);
                await foreach (var delivery in endpoint.DeliveriesAsync())
                {
                    // Within the handler that delivers, a node can't be stopped.
                    node.Leave();
                }
            },
            TimeSpan.FromMinutes(1));
        Assert.False(node.IsUp);
    }

    [Fact]
    public void What_an_endpoint_has_no_room_for_is_not_confirmed()
    {
        var endpoint = new PastryEndpoint("tests/endpoint", capacity: 1);
        var node = _simulation.AddNode([endpoint]);
        node.StartRing();
        _simulation.Run(
            async () =>
            {
                Assert.IsType<RouteOutcome.Taken>(await endpoint.RouteConfirmedAsync(node.Handle.Id, new byte[1]));
                Assert.IsType<RouteOutcome.Unconfirmed>(await endpoint.RouteConfirmedAsync(node.Handle.Id, new byte[2]));
                var repeated = endpoint.RouteConfirmedAsync(node.Handle.Id, new byte[3]).AsTask();
                await foreach (var delivery in endpoint.DeliveriesAsync())
                {
                    if (delivery.Payload.Length == 3)
                    {
                        break;
                    }
                }

                Assert.IsType<RouteOutcome.Taken>(await repeated);
            },
            TimeSpan.FromMinutes(5));
    }

    private sealed class Ring(PastrySimulation simulation) : IRing
    {
        public async Task<NodeHandle> StartAsync(params PastryEndpoint[] endpoints)
        {
            var ready = simulation.ReadyNodes.ToArray();
            var node = simulation.AddNode(endpoints);
            if (ready.Length == 0)
            {
                node.StartRing();
            }
            else
            {
                node.Join(ready);
            }

            while (!node.IsReady)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), simulation.Time).ConfigureAwait(false);
            }

            return node.Handle;
        }

        public Task StopAsync(NodeHandle node)
        {
            simulation.Find(node.Id)!.Crash();
            return Task.CompletedTask;
        }
    }
}
