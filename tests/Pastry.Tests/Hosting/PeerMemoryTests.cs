using P2P.Pastry;
using P2P.Pastry.Transport;

namespace Pastry.Tests.Hosting;

/// <summary>Live nodes remember whom they knew, and notice when they are alone.</summary>
public sealed class PeerMemoryTests : IDisposable
{
    private static readonly PastryOptions Quick = new()
    {
        ProbeTimeout = TimeSpan.FromMilliseconds(100),
        ProbeRetries = 0,
        JoinTimeout = TimeSpan.FromSeconds(1),
        JoinBackoffMax = TimeSpan.FromMilliseconds(100),
    };

    private readonly InMemoryNetwork _network = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(60));

    private CancellationToken Limit => _limit.Token;

    public void Dispose() => _limit.Dispose();

    [Fact]
    public async Task A_restarted_node_finds_its_ring_although_its_bootstraps_are_gone()
    {
        var memory = new Memory();
        var bootstrap = await StartAsync();
        await using var member = await StartAsync(bootstraps: bootstrap.Handle.Address);
        var before = await StartAsync(memory, bootstrap.Handle.Address);
        await memory.WhenAsync(peers => peers.Contains(member.Handle), Limit);
        await before.KillAsync();
        await bootstrap.KillAsync();

        await using var after = await StartAsync(memory, bootstrap.Handle.Address);
        Assert.Contains(member.Handle, after.Neighbors);
    }

    [Fact]
    public async Task A_founder_that_comes_back_joins_its_ring_instead_of_beginning_another()
    {
        var memory = new Memory();
        var founder = await StartAsync(memory);
        await using var member = await StartAsync(bootstraps: founder.Handle.Address);
        await founder.StopAsync(Limit);
        Assert.Equal([member.Handle], memory.Peers);

        await using var again = await StartAsync(memory);
        Assert.Contains(member.Handle, again.Neighbors);
    }

    [Fact]
    public async Task A_memory_that_fails_is_told_and_the_node_goes_on()
    {
        var memory = new Memory { Fails = true };
        await using var node = await StartAsync(memory);
        await using var member = await StartAsync(bootstraps: node.Handle.Address);
        await node.StopAsync(Limit);

        Assert.True(node.Completion.IsCompletedSuccessfully);
        Assert.Empty(memory.Peers);
    }

    [Fact]
    public async Task A_node_that_is_killed_writes_nothing_more()
    {
        var memory = new Memory();
        var node = await StartAsync(memory);
        await using var member = await StartAsync(bootstraps: node.Handle.Address);
        await node.KillAsync();

        Assert.Empty(memory.Peers);
    }

    [Fact]
    public async Task A_node_that_has_lost_everybody_says_so_until_it_meets_somebody()
    {
        var first = await StartAsync();
        await using var second = await StartAsync(bootstraps: first.Handle.Address);
        Assert.False((await second.GetStatusAsync(Limit)).IsIsolated);
        await first.KillAsync();
        await UntilAsync(async () => (await second.GetStatusAsync(Limit)).IsIsolated);

        Assert.False(second.IsReady);
        Assert.False((await second.GetStatusAsync(Limit)).IsReady);
        var ready = second.WhenReadyAsync(Limit).AsTask();
        Assert.False(ready.IsCompleted);

        await using var third = await StartAsync(bootstraps: second.Handle.Address);
        await ready;
        Assert.False((await second.GetStatusAsync(Limit)).IsIsolated);
    }

    private async Task<PastryNode> StartAsync(IPeerMemory? memory = null, params NodeAddress[] bootstraps)
    {
        var options = new PastryNodeOptions { Transport = _network.CreateTransport, Protocol = Quick, PeerMemory = memory };
        Array.ForEach(bootstraps, options.Bootstraps.Add);
        var node = await PastryNode.StartAsync(options, Limit);
        await node.WhenReadyAsync(Limit);
        return node;
    }

    private static async Task UntilAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Yield();
        }
    }

    private sealed class Memory : IPeerMemory
    {
        private readonly Lock _gate = new();
        private IReadOnlyList<NodeHandle> _peers = [];
        private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public bool Fails { get; init; }

        public IReadOnlyList<NodeHandle> Peers
        {
            get
            {
                lock (_gate)
                {
                    return _peers;
                }
            }
        }

        public ValueTask<IReadOnlyList<NodeHandle>> RecallAsync(CancellationToken cancellationToken = default) =>
            Fails ? throw new PastryException("The memory is lost.") : new(Peers);

        public ValueTask RememberAsync(IReadOnlyList<NodeHandle> peers, CancellationToken cancellationToken = default)
        {
            if (Fails)
            {
                throw new PastryException("The memory is full.");
            }

            lock (_gate)
            {
                _peers = [.. peers];
                _changed.SetResult();
                _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            return ValueTask.CompletedTask;
        }

        public async Task WhenAsync(Func<IReadOnlyList<NodeHandle>, bool> condition, CancellationToken cancellationToken)
        {
            while (true)
            {
                Task changed;
                lock (_gate)
                {
                    if (condition(_peers))
                    {
                        return;
                    }

                    changed = _changed.Task;
                }

                await changed.WaitAsync(cancellationToken);
            }
        }
    }
}
