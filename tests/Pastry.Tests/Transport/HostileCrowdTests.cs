using System.Collections.Immutable;
using System.Text.Json;
using P2P.Pastry.Tests.Transport.Crowd;
using P2P.Pastry.Transport;

namespace P2P.Pastry.Tests.Transport;

/// <summary>
/// Hundreds that connect to a host of a ring and mean no good: while they do, the ring delivers, the host keeps to its bounds, and all of it is
/// gone when they are. <c>tests/Benchmarks -- hostile</c> does the same with ten thousand.
/// </summary>
public sealed class HostileCrowdTests : IAsyncLifetime, IDisposable
{
    private const int Intruding = 300;
    private const int HandshakesMax = 64;
    private const int ConnectionsMax = 32;

    private readonly MeterRecorder _meters = new();
    private readonly PastryEndpoint _victim = new("tests/crowd");
    private readonly PastryEndpoint _friend = new("tests/crowd");
    private readonly List<PastryNode> _ring = [];

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var node in _ring)
        {
            await node.KillAsync();
        }
    }

    public void Dispose() => _meters.Dispose();

    [Fact]
    public async Task Ring_delivers_while_a_crowd_presses_in_and_nothing_of_it_is_left()
    {
        await StartAsync(_victim, options => (options.MeterFactory, options.ConcurrentHandshakesMax, options.ConnectionsMax, options.HandshakesPerAddressAndSecond) =
            (_meters, HandshakesMax, ConnectionsMax, 10_000));
        await StartAsync(_friend);
        await _meters.StandsAtAsync("connections", 1);

        ImmutableArray<Intruder> crowd = [.. Enumerable.Range(0, Intruding).Select(index => Intruders.Make(_victim.Self.Address, index))];
        for (var round = 0; round < 20; round++)
        {
            // A part of them comes in with each round, while those before do their harm.
            var size = Intruding / 20;
            var entering = Task.WhenAll(crowd.Skip(round * size).Take(size).Select(intruder => intruder.EnterAsync()));
            await Task.WhenAll(crowd.Take(round * size).Select(intruder => intruder.StepAsync()));
            await DeliverAsync();
            await entering.WaitAsync(Patience.Long);
            Assert.InRange(_meters.Sum("handshakes"), 0, HandshakesMax);
            Assert.InRange(_meters.Sum("connections"), 1, 2 * ConnectionsMax);
        }

        foreach (var intruder in crowd)
        {
            intruder.Dispose();
        }

        await _meters.StandsAtAsync("handshakes", 0);
        await _meters.StandsAtAsync("connections", 1);
        await DeliverAsync();
    }

    private async Task StartAsync(PastryEndpoint endpoint, Action<TcpTransportOptions>? change = null)
    {
        var transport = new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)] };
        change?.Invoke(transport);
        var options = new PastryNodeOptions
        {
            // The crowd shares two or three processors with them: slow is not dead.
            Protocol = new PastryOptions { ProbeTimeout = TimeSpan.FromSeconds(20) },
            Modules = { endpoint },
            Transport = () => new TcpTransport(transport),
        };
        _ring.ForEach(node => options.Bootstraps.Add(node.Handle.Address));
        _ring.Add(await PastryNode.StartAsync(options));
        await _ring[^1].WhenReadyAsync().AsTask().WaitAsync(Patience.Long);
    }

    /// <summary>Lets each say something to the other, and waits until both have taken it.</summary>
    private async Task DeliverAsync()
    {
        foreach (var (from, to) in new[] { (_friend, _victim), (_victim, _friend) })
        {
            var outcome = await from.RouteConfirmedAsync(to.Self.Id, "hello"u8.ToArray());
            Assert.True(outcome is RouteOutcome.Taken taken && taken.By.Equals(to.Self), outcome + " " + string.Join(" ", await Task.WhenAll(_ring.Select(StateAsync))));
        }
    }

    private static async Task<string> StateAsync(PastryNode node) => JsonSerializer.Serialize(await node.GetSnapshotAsync());
}
