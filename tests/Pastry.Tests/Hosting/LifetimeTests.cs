using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Pastry.Tests.Hosting;

/// <summary>Nodes start, stop and fail, and nobody waits for ever.</summary>
public sealed class LifetimeTests : IDisposable
{
    private readonly InMemoryNetwork _network = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));

    private CancellationToken Limit => _limit.Token;

    public void Dispose() => _limit.Dispose();

    [Fact]
    public async Task Loop_that_fails_answers_everybody_and_stops_the_node()
    {
        var time = new BreakableTime();
        var transport = new FaultyTransport(_network.CreateTransport());
        var module = new TestModule("tests/module");
        await using var node = await PastryNode.StartAsync(new() { Transport = () => transport, Time = time, Modules = { module } }, Limit);
        await node.WhenReadyAsync(Limit);

        time.Break();
        var asked = await Assert.ThrowsAsync<PastryException>(() => AskOnAsync(node));
        Assert.Equal("The clock is broken.", asked.InnerException?.Message);
        var waited = await Assert.ThrowsAsync<PastryException>(() => node.WhenReadyAsync(Limit).AsTask());
        Assert.Equal("The clock is broken.", waited.InnerException?.Message);
        Assert.False(node.IsReady);
        var ended = await Assert.ThrowsAsync<PastryException>(() => node.Completion.WaitAsync(Limit));
        Assert.Equal("The clock is broken.", ended.InnerException?.Message);
        Assert.Equal(1, module.Closed);
        Assert.True(transport.IsDisposed);
        await Assert.ThrowsAsync<PastryException>(() => node.GetStatusAsync(Limit).AsTask());
        await Assert.ThrowsAsync<PastryException>(() => module.Port.PostAsync("late", Limit).AsTask());
        await node.StopAsync(Limit);
    }

    [Fact]
    public async Task Failure_is_told_to_those_who_wait_for_readiness()
    {
        var time = new BreakableTime();
        await using var node = await PastryNode.StartAsync(
            new() { Transport = _network.CreateTransport, Time = time, Bootstraps = { new NodeAddress("nobody.memory", 1) } }, Limit);
        var waiting = node.WhenReadyAsync(Limit).AsTask();

        time.Break();
        await Assert.ThrowsAsync<PastryException>(() => AskOnAsync(node));

        Assert.Equal("The clock is broken.", (await Assert.ThrowsAsync<PastryException>(() => waiting)).InnerException?.Message);
    }

    [Fact]
    public async Task Question_that_fails_is_answered_with_its_failure_and_the_node_goes_on()
    {
        await using var node = await PastryNode.StartAsync(new() { Transport = _network.CreateTransport }, Limit);

        await Assert.ThrowsAsync<DivideByZeroException>(() => node.QueryAsync<int>((_, _) => throw new DivideByZeroException(), Limit).AsTask());

        Assert.Equal(node.Handle, (await node.GetStatusAsync(Limit)).Node);
    }

    [Fact]
    public async Task Transport_and_modules_that_fail_do_not_harm_the_node()
    {
        var module = new TestModule("tests/module") { FailsToPerform = true };
        await using var first = await PastryNode.StartAsync(new() { Transport = _network.CreateTransport, Modules = { module } }, Limit);
        await module.Port.PostAsync("one", Limit);
        await module.Port.PostAsync("two", Limit);
        Assert.Equal(first.Handle, (await first.GetStatusAsync(Limit)).Node);
        Assert.Equal(2, module.Performed);

        var transport = new FaultyTransport(_network.CreateTransport()) { FailsToSend = true };
        await using var second = await PastryNode.StartAsync(new() { Transport = () => transport, Bootstraps = { first.Handle.Address } }, Limit);
        while (transport.Sends == 0)
        {
            // The node sends by itself as soon as it has found its bootstrap.
            await second.GetStatusAsync(Limit);
        }

        Assert.False((await second.GetStatusAsync(Limit)).IsReady);
    }

    [Fact]
    public async Task Everybody_who_stops_a_node_waits_for_the_same_end()
    {
        var gate = new TaskCompletionSource();
        var module = new TestModule("tests/module") { Gate = gate.Task };
        var node = await PastryNode.StartAsync(new() { Transport = _network.CreateTransport, Modules = { module } }, Limit);

        Task[] stops = [node.StopAsync(Limit).AsTask(), node.DisposeAsync().AsTask(), node.KillAsync().AsTask(), node.Completion];
        await module.Closing.Task.WaitAsync(Limit);
        Assert.DoesNotContain(stops, stop => stop.IsCompleted);
        gate.SetResult();
        await Task.WhenAll(stops).WaitAsync(Limit);

        await node.StopAsync(Limit);
        Assert.Equal(1, module.Closed);
        Assert.Equal("The node has stopped.", (await Assert.ThrowsAsync<PastryException>(() => node.WhenReadyAsync(Limit).AsTask())).Message);
        Assert.Equal("The node has stopped.", (await Assert.ThrowsAsync<PastryException>(() => node.GetStatusAsync(Limit).AsTask())).Message);
        await Assert.ThrowsAsync<PastryException>(() => node.ResolveAsync(new NodeAddress("host-1.memory", 1), Limit).AsTask());
    }

    [Fact]
    public async Task Node_that_is_stopped_while_it_starts_leaves_nothing_behind()
    {
        var gate = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var transport = new FaultyTransport(_network.CreateTransport()) { Gate = gate.Task };
        var module = new TestModule("tests/module");
        var node = new PastryNode(new() { Transport = () => transport, Modules = { module } });
        var start = node.StartAsync(Limit).AsTask();
        await transport.Starting.Task.WaitAsync(Limit);

        var stop = node.StopAsync(Limit).AsTask();
        Assert.False(stop.IsCompleted);
        gate.SetResult();

        Assert.Contains("stopped while", (await Assert.ThrowsAsync<PastryException>(() => start)).Message, StringComparison.Ordinal);
        await stop.WaitAsync(Limit);
        Assert.True(transport.IsDisposed);
        Assert.Equal(1, module.Closed);
        await Assert.ThrowsAsync<InvalidOperationException>(() => node.StartAsync(Limit).AsTask());
    }

    [Fact]
    public async Task Node_starts_with_nothing_but_defaults()
    {
        await using var node = await PastryNode.StartAsync(new PastryNodeOptions(), Limit);
        await node.WhenReadyAsync(Limit);
        Assert.NotEqual(0, node.Handle.Address.Port);
    }

    [Theory]
    [InlineData("[::]:0")]
    [InlineData("localhost:0")]
    [InlineData("0.0.0.0:0")]
    public async Task Node_listens_at_wildcards_and_names(string address)
    {
        await using var node = new PastryNode(new()
        {
            Transport = () => new TcpTransport(new() { Listen = [NodeAddress.Parse(address)] }),
        });
        await node.StartAsync(Limit);
        Assert.NotEqual(0, node.Handle.Address.Port);
    }

    [Fact]
    public async Task Node_that_can_not_start_leaves_nothing_behind()
    {
        var transport = new FaultyTransport(_network.CreateTransport());
        TestModule[] modules = [new("tests/one"), new("tests/two") { FailsToAttach = true }, new("tests/three")];
        var options = new PastryNodeOptions { Transport = () => transport };
        Array.ForEach(modules, options.Modules.Add);

        Assert.Equal("No place.", (await Assert.ThrowsAsync<InvalidOperationException>(() => PastryNode.StartAsync(options, Limit).AsTask())).Message);

        Assert.True(transport.IsDisposed);
        Assert.All(modules, module => Assert.Equal(1, module.Closed));
    }

    [Fact]
    public async Task What_does_not_close_keeps_nothing_else_from_closing()
    {
        var transport = new FaultyTransport(_network.CreateTransport()) { FailsToClose = true };
        TestModule[] modules = [new("tests/one") { FailsToClose = true }, new("tests/two")];
        var node = await PastryNode.StartAsync(new() { Transport = () => transport, Modules = { modules[0], modules[1] } }, Limit);

        await node.StopAsync(Limit);

        Assert.All(modules, module => Assert.Equal(1, module.Closed));
        Assert.True(transport.IsDisposed);
        await node.Completion.WaitAsync(Limit);
    }

    [Fact]
    public async Task Module_signs_in_the_nodes_name_but_not_in_the_overlays()
    {
        var module = new TestModule("tests/module");
        await using var node = await PastryNode.StartAsync(new() { Transport = _network.CreateTransport, Modules = { module } }, Limit);

        var statement = module.Port.Sign("tests/claim", [1, 2, 3]);

        Assert.Equal(node.Handle.Id, statement.Signer.NodeId);
        Assert.True(statement.Verify("tests/claim"));
        Assert.Throws<ArgumentException>(() => module.Port.Sign("p2p.pastry.delegation.1", [1, 2, 3]));
    }

    [Fact]
    public async Task Node_that_was_never_started_closes_its_modules()
    {
        var module = new TestModule("tests/module");
        await new PastryNode(new() { Modules = { module } }).DisposeAsync();

        Assert.Equal(1, module.Closed);
    }

    [Fact]
    public async Task Host_that_is_disposed_of_stops_its_nodes_first()
    {
        var transport = new FaultyTransport(_network.CreateTransport());
        var host = await PastryHost.StartAsync(transport, Limit);
        var one = await PastryNode.StartAsync(new() { Host = host }, Limit);
        var two = await PastryNode.StartAsync(new() { Host = host }, Limit);
        await one.StopAsync(Limit);
        Assert.False(transport.IsDisposed);

        await Task.WhenAll(host.DisposeAsync().AsTask(), host.DisposeAsync().AsTask(), two.StopAsync(Limit).AsTask()).WaitAsync(Limit);

        Assert.True(two.Completion.IsCompletedSuccessfully);
        Assert.True(transport.IsDisposed);
        await Assert.ThrowsAsync<PastryException>(() => PastryNode.StartAsync(new() { Host = host }, Limit).AsTask());
    }

    /// <summary>The loop reads the clock once for a number of questions.</summary>
    private async Task AskOnAsync(PastryNode node)
    {
        while (true)
        {
            await node.GetStatusAsync(Limit);
        }
    }
}
