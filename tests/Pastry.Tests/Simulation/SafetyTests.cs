using Xunit.Abstractions;

namespace Pastry.Tests.Simulation;

/// <summary>
/// While nodes fail, no two may deliver for the same key at the same time (MSPastry §3); when the faults are over, the ring is whole again.
/// </summary>
public class SafetyTests(ITestOutputHelper output)
{
    private static readonly bool IsLong = Environment.GetEnvironmentVariable("P2P_LONG") == "1";

    [Theory]
    [InlineData(4, 2)]
    [InlineData(8, 2)]
    [InlineData(4, 4)]
    [InlineData(8, 4)]
    public void Deliveries_are_exclusive_while_nodes_crash_join_leave_and_restart(int leafSetSize, int bits)
    {
        for (var seed = 1u; seed <= (IsLong ? 1000 : 50); seed++)
        {
            RunCrashes(seed, leafSetSize, bits, sleeps: false);
        }
    }

    [Theory]
    [InlineData(8, 2)]
    [InlineData(8, 4)]
    public void Deliveries_are_exclusive_while_nodes_also_sleep(int leafSetSize, int bits)
    {
        for (var seed = 1u; seed <= (IsLong ? 1000 : 50); seed++)
        {
            RunCrashes(seed, leafSetSize, bits, sleeps: true);
        }
    }

    [Theory]
    [InlineData(4, 2)]
    [InlineData(8, 4)]
    public void Deliveries_are_exclusive_while_messages_come_twice_and_overtake_each_other(int leafSetSize, int bits)
    {
        for (var seed = 1u; seed <= (IsLong ? 1000 : 25); seed++)
        {
            RunCrashes(seed, leafSetSize, bits, sleeps: false, doubled: 0.3);
        }
    }

    /// <summary>
    /// One node and another can't hear each other, or one of them can't hear the other, for 4 to 16 s, three links at a time; nobody crashes meanwhile.
    /// </summary>
    /// <remarks>
    /// One case is ambiguous, and not claimed: a node that is cut off from all others, or that slept while its whole leaf set died, can't
    /// tell whether it is the one that has gone. It serves every key, as the survivor of a ring of two does.
    /// </remarks>
    [Theory]
    [InlineData(4, 2)]
    [InlineData(8, 4)]
    public void Deliveries_are_exclusive_while_single_links_are_cut(int leafSetSize, int bits)
    {
        for (var seed = 1u; seed <= (IsLong ? 1000 : 40); seed++)
        {
            RunCuts(seed, leafSetSize, bits);
        }
    }

    /// <summary>Each of these let two nodes squeeze in beside a third, or come back across a neighbour that had taken their place.</summary>
    [Theory]
    [InlineData(10, 4, 2)]
    [InlineData(10, 8, 4)]
    [InlineData(46, 8, 4)]
    [InlineData(120, 4, 2)]
    [InlineData(120, 8, 4)]
    [InlineData(297, 4, 2)]
    public void Cuts_that_once_led_to_two_deliveries_do_so_no_more(ulong seed, int leafSetSize, int bits) => RunCuts(seed, leafSetSize, bits);

    /// <summary>Each of these let two nodes deliver, left newcomers waiting for each other, or cut the ring in two where a side of leaf sets died at once.</summary>
    [Theory]
    [InlineData(396, 4, 2)]
    [InlineData(4719, 4, 4)]
    [InlineData(513, 4, 4)]
    public void Crashes_that_once_led_astray_do_so_no_more(ulong seed, int leafSetSize, int bits) => RunCrashes(seed, leafSetSize, bits, sleeps: false);

    /// <summary>This one kept a node whose farewell it had slept through.</summary>
    [Fact]
    public void Sleep_that_once_led_astray_does_so_no_more() => RunCrashes(seed: 599, leafSetSize: 8, bits: 4, sleeps: true);

    private static void RunCuts(ulong seed, int leafSetSize, int bits)
    {
        var ring = new WatchedRing(seed, WatchedRing.Quick with { LeafSetSize = leafSetSize, BitsPerDigit = bits, NeighborhoodSize = 4 });
        var simulation = ring.Simulation;
        var run = $"seed {seed}, l = {leafSetSize}, b = {bits}";
        Assert.True(ring.Grow(8 + simulation.NextRandom(15)), $"{run}: did not form\n{ring.DescribeState()}");
        var cuts = new Queue<IDisposable>();
        for (var step = 0; step < 30; step++)
        {
            // Ring neighbours every other time: they hold leases of each other.
            var node = ring.PickUp();
            var other = simulation.NextRandom(2) == 0 ? simulation.Find(node.Machine.LeafSet.Right!.Id)! : ring.PickUp();
            var bothWays = simulation.NextRandom(2) == 0;
            cuts.Enqueue(simulation.Network.Cut(
                (from, to) => (from, to) == (node.Host, other.Host) || (bothWays && (to, from) == (node.Host, other.Host))));
            if (cuts.Count > 1 + simulation.NextRandom(3))
            {
                cuts.Dequeue().Dispose();
            }

            for (var tick = 0; tick < 20; tick++)
            {
                simulation.Run(TimeSpan.FromMilliseconds(1 + simulation.NextRandom(400)));
                ring.Send(ring.PickUp(), ring.NextKey());
                ring.CheckExclusive(keys: 4);
            }
        }

        while (cuts.TryDequeue(out var cut))
        {
            cut.Dispose();
        }

        AssertWholeAgain(ring, run);
    }

    private void RunCrashes(ulong seed, int leafSetSize, int bits, bool sleeps, double doubled = 0)
    {
        var ring = new WatchedRing(seed, WatchedRing.Quick with { LeafSetSize = leafSetSize, BitsPerDigit = bits, NeighborhoodSize = 4 });
        var simulation = ring.Simulation;
        var run = $"seed {seed}, l = {leafSetSize}, b = {bits}";
        Assert.True(ring.Grow(8 + simulation.NextRandom(15)), $"{run}: did not form\n{ring.DescribeState()}");
        (simulation.Network.DuplicateRate, simulation.Network.Jitter) = (doubled, doubled);
        for (var step = 0; step < 40; step++)
        {
            Disturb(ring, sleeps);
            for (var tick = 0; tick < 10; tick++)
            {
                simulation.Run(TimeSpan.FromMilliseconds(1 + simulation.NextRandom(200)));
                if (ring.Up.Any())
                {
                    ring.Send(ring.PickUp(), ring.NextKey());
                }

                ring.CheckExclusive(keys: 4);
            }
        }

        foreach (var node in simulation.Nodes)
        {
            node.Wake();
        }

        AssertWholeAgain(ring, run);
        if (seed == 1)
        {
            output.WriteLine($"{run}: {ring.Counts.Delivered} of {ring.Counts.Sent} delivered, {simulation.EventCount} events");
        }
    }

    private static void AssertWholeAgain(WatchedRing ring, string run)
    {
        // Who has outlived all its bootstraps needs others.
        foreach (var stranded in ring.Up.Where(node => !node.Machine.IsJoined && node.Bootstraps.All(bootstrap => !bootstrap.IsUp)).ToArray())
        {
            stranded.Crash();
            ring.Restart(stranded, ring.PickReady());
        }

        Assert.True(ring.Violations.Count == 0, $"{run}:\n{string.Join('\n', ring.Violations.Take(10))}");
        Assert.True(ring.RunUntilHealed(TimeSpan.FromMinutes(2)), $"{run}: not whole again\n{string.Join('\n', ring.WrongLeafSets())}\n{ring.DescribeState()}");
        Assert.True(ring.CountWrongLookups(30) == 0, $"{run}: lookups go wrong after the faults");
        Assert.True(ring.Violations.Count == 0, $"{run}:\n{string.Join('\n', ring.Violations.Take(10))}");
    }

    private static void Disturb(WatchedRing ring, bool sleeps)
    {
        var simulation = ring.Simulation;
        var ready = simulation.ReadyNodes.ToArray();
        if (ready.Length < 5)
        {
            return;
        }

        switch (simulation.NextRandom(sleeps ? 7 : 5))
        {
            case 0:
                ring.PickUp().Crash();
                break;
            case 1:
                ring.AddNode().Join(ring.Pick(ready), ring.Pick(ready));
                break;
            case 2:
                ring.Pick(ready).Leave();
                break;
            case 3:
            case 4:
                if (simulation.Nodes.FirstOrDefault(node => !node.IsUp) is { } gone)
                {
                    ring.Restart(gone, ring.Pick(ready), ring.Pick(ready));
                }

                break;
            default:
                // Shorter than it takes all members of its leaf set to die.
                var sleeper = ring.PickUp();
                sleeper.Sleep();
                simulation.Schedule(TimeSpan.FromSeconds(5 * simulation.NextRandom(1000) / 1000.0), sleeper.Wake);
                break;
        }
    }
}
