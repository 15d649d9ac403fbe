using P2P.Pastry;
using P2P.Pastry.Simulation;

namespace HelloOverlay.Tests;

/// <summary>The application of the sample on simulated nodes. Each failure names the seed.</summary>
public sealed class SimulatedDictionaryTests
{
    private const ulong Seed = 42;
    private static readonly TimeSpan Limit = TimeSpan.FromHours(12);

    private readonly PastrySimulation _simulation = new(new() { Seed = Seed });

    [Fact]
    public void Values_put_through_some_of_a_thousand_nodes_are_found_through_others()
    {
        Grow(1_000);
        var names = Names(200);
        _simulation.Run(
            async () =>
            {
                await Task.WhenAll(names.Select(name => AnyDictionary().PutAsync(name, ValueOf(name)))).ConfigureAwait(false);
                await CheckAsync(names).ConfigureAwait(false);
                Assert.Null(await AnyDictionary().GetAsync("never put").ConfigureAwait(false));
            },
            Limit);
    }

    [Fact]
    public void Values_outlive_more_crashes_of_their_nodes_than_they_have_copies()
    {
        Grow(1_000);
        var names = Names(20);
        _simulation.Run(
            async () =>
            {
                await Task.WhenAll(names.Select(name => AnyDictionary().PutAsync(name, ValueOf(name)))).ConfigureAwait(false);
                for (var round = 0; round < 6; round++)
                {
                    // Asked at once, while the ring has not noticed yet, and again when it has mended itself.
                    Array.ForEach(names, CrashClosest);
                    await CheckAsync(names).ConfigureAwait(false);
                    await Task.Delay(TimeSpan.FromMinutes(2), _simulation.Time).ConfigureAwait(false);
                    await CheckAsync(names).ConfigureAwait(false);
                }
            },
            Limit);
        Assert.Equal(1_000 - 6 * names.Length, _simulation.ReadyNodes.Count());
    }

    [Fact]
    public void Newcomers_answer_for_names_that_others_were_closest_to()
    {
        Grow(20);
        var names = Names(100);
        _simulation.Run(() => Task.WhenAll(names.Select(name => AnyDictionary().PutAsync(name, ValueOf(name)))), Limit);
        Grow(280);
        _simulation.Run(() => CheckAsync(names), Limit);
    }

    [Fact]
    public void Value_put_last_stays_when_the_closest_node_crashes()
    {
        Grow(100);
        var names = Names(20);
        _simulation.Run(
            async () =>
            {
                foreach (var name in names)
                {
                    await AnyDictionary().PutAsync(name, "an earlier value").ConfigureAwait(false);
                    await AnyDictionary().PutAsync(name, ValueOf(name)).ConfigureAwait(false);
                    CrashClosest(name);
                }

                await CheckAsync(names).ConfigureAwait(false);
            },
            Limit);
    }

    [Fact]
    public void Questions_are_repeated_where_messages_are_lost()
    {
        Grow(300);
        var names = Names(100);
        _simulation.Network.LossRate = 0.1;
        _simulation.Run(
            async () =>
            {
                await Task.WhenAll(names.Select(name => AnyDictionary().PutAsync(name, ValueOf(name)))).ConfigureAwait(false);
                await CheckAsync(names).ConfigureAwait(false);
            },
            Limit);
        Assert.True(_simulation.Network.LostCount > names.Length);
    }

    [Fact]
    public void Who_waits_for_an_answer_when_the_node_crashes_is_told()
    {
        Grow(50);
        var node = CutOff("pear");
        _simulation.Run(
            async () =>
            {
                var asking = DictionaryOf(node).GetAsync("pear");
                node.Crash();
                await Assert.ThrowsAsync<PastryException>(() => asking).ConfigureAwait(false);
            },
            Limit);
    }

    [Fact]
    public void Who_asks_in_vain_is_told()
    {
        Grow(50);
        var node = CutOff("pear");
        _simulation.Run(() => Assert.ThrowsAsync<TimeoutException>(() => DictionaryOf(node).GetAsync("pear")), Limit);
    }

    /// <summary>Cuts a node off that is not the closest to a name, nor the one that has founded the ring and would go on alone.</summary>
    private SimulatedNode CutOff(string name)
    {
        var node = _simulation.ReadyNodes.Last(node => new RingOracle(_simulation).Root(NodeId.FromText(name)).Id != node.Handle.Id);
        _simulation.Network.Partition(host => host == node.Host);
        return node;
    }

    private void Grow(int count) =>
        Assert.True(_simulation.Grow(count, modules: () => [new SharedDictionary()]), $"The ring did not form (seed {Seed}).");

    private async Task CheckAsync(string[] names)
    {
        var found = await Task.WhenAll(names.Select(name => AnyDictionary().GetAsync(name))).ConfigureAwait(false);
        Assert.Equal(names.Select(ValueOf), found);
    }

    private void CrashClosest(string name) => _simulation.Find(new RingOracle(_simulation).Root(NodeId.FromText(name)).Id)!.Crash();

    private SharedDictionary AnyDictionary()
    {
        var ready = _simulation.ReadyNodes.ToArray();
        return DictionaryOf(ready[_simulation.NextRandom(ready.Length)]);
    }

    private static SharedDictionary DictionaryOf(SimulatedNode node) => (SharedDictionary)node.Modules[0];

    private static string[] Names(int count) => [.. Enumerable.Range(1, count).Select(number => $"name {number}")];

    private static string ValueOf(string name) => $"the value of {name}";
}
