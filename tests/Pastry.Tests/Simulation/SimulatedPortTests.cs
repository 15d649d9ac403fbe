using P2P.Pastry;
using P2P.Pastry.Simulation;
using P2P.Pastry.Transport;
using Pastry.Tests.Hosting;

namespace Pastry.Tests.Simulation;

/// <summary>A module on a simulated node finds what it would find on a live one.</summary>
public class SimulatedPortTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromHours(1);

    private readonly PastrySimulation _simulation = new(new() { Seed = 11 });

    [Fact]
    public void Node_signs_what_its_module_claims_but_not_in_the_overlays_name()
    {
        var module = Alone();

        var statement = module.Port.Sign("tests/claim", [1, 2, 3]);

        Assert.Equal(module.Port.Handle.Id, statement.Signer.NodeId);
        Assert.True(statement.Verify("tests/claim"));
        Assert.Throws<ArgumentException>(() => module.Port.Sign("p2p.pastry.delegation.1", [1, 2, 3]));
    }

    [Fact]
    public void Inputs_come_back_as_effects_and_readiness_and_neighbours_are_told()
    {
        var module = Alone();
        var changes = new List<NeighborChanged>();
        _simulation.Run(
            async () =>
            {
                await module.Port.WhenReadyAsync();
                Assert.True(module.Port.IsReady);
                await module.Port.PostAsync("one");
                await module.Port.PostAsync("two");
                var other = _simulation.AddNode(new NodeId(1));
                other.Join(_simulation.Nodes[0]);
                await foreach (var change in module.Port.NeighborChangesAsync())
                {
                    changes.Add(change);
                    break;
                }

                Assert.Equal(other.Handle, Assert.Single(module.Port.Neighbors));
            },
            Limit);

        Assert.Equal(2, module.Performed);
        Assert.Equal([new NeighborChanged(_simulation.Nodes[1].Handle, NeighborChange.Joined)], changes);
    }

    [Fact]
    public void Clock_of_a_node_stands_still_while_it_sleeps()
    {
        var module = Alone();
        var node = _simulation.Nodes[0];
        var waiting = Task.Delay(TimeSpan.FromMinutes(1), module.Port.Time);
        var before = module.Port.Time.GetTimestamp();
        node.Sleep();
        _simulation.Run(TimeSpan.FromHours(1));
        Assert.False(waiting.IsCompleted);
        Assert.Equal(before, module.Port.Time.GetTimestamp());

        node.Wake();
        Assert.True(_simulation.RunUntil(() => waiting.IsCompleted, TimeSpan.FromMinutes(2)));
    }

    [Fact]
    public void Stream_breaks_when_the_node_at_its_other_end_crashes()
    {
        var one = Alone();
        var two = new TestModule("tests/module");
        var far = _simulation.AddNode([two]);
        _simulation.Run(
            async () =>
            {
                await Assert.ThrowsAsync<TransportException>(() => one.Port.OpenStreamAsync(new NodeHandle(new NodeId(5), 1, far.Handle.Addresses)).AsTask());
                await using var stream = await one.Port.OpenStreamAsync(far.Handle);
                var accepted = Assert.Single(two.Streams);
                await accepted.Output.WriteAsync(new byte[] { 7 });
                var read = await stream.Input.ReadAsync();
                Assert.Equal(7, read.Buffer.FirstSpan[0]);
                stream.Input.AdvanceTo(read.Buffer.End);

                far.Crash();
                await Assert.ThrowsAsync<IOException>(() => stream.Input.ReadAsync().AsTask());
                await Assert.ThrowsAsync<TransportException>(() => one.Port.OpenStreamAsync(far.Handle).AsTask());
                await Assert.ThrowsAsync<PastryException>(() => two.Port.PostAsync("late").AsTask());
                await Assert.ThrowsAsync<PastryException>(() => two.Port.WhenReadyAsync().AsTask());
            },
            Limit);
        Assert.Equal(1, two.Closed);
        Assert.True(two.Port.Stopping.IsCancellationRequested);
    }

    [Fact]
    public void Work_that_fails_ends_the_run()
    {
        var module = Alone();
        module.Port.Start(() => throw new DivideByZeroException());
        Assert.IsType<DivideByZeroException>(Assert.Throws<InvalidOperationException>(() => _simulation.Run(TimeSpan.FromMinutes(1))).InnerException);

        module.Port.Start(async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(1), module.Port.Time);
            throw new InvalidTimeZoneException();
        });
        Assert.IsType<InvalidTimeZoneException>(Assert.Throws<InvalidOperationException>(() => _simulation.Run(TimeSpan.FromMinutes(1))).InnerException);
        _simulation.Run(TimeSpan.FromMinutes(1));
    }

    private TestModule Alone()
    {
        var module = new TestModule("tests/module");
        _simulation.AddNode([module]).StartRing();
        return module;
    }
}
