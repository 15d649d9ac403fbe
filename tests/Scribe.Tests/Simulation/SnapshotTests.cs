using System.Diagnostics.Metrics;
using P2P.Scribe;

namespace Scribe.Tests.Simulation;

/// <summary>What a node shows of itself is what the oracle sees.</summary>
public sealed class SnapshotTests
{
    [Fact]
    public void Snapshots_of_all_nodes_make_the_tree()
    {
        var world = new ScribeWorld(60, seed: 91);
        var group = world.Create("tree").Id;
        world.JoinMany(group, 20);
        world.Publish(world.Members[0], "one");
        world.Run(3);
        var places = world.Overlay.Nodes
            .Select(node => (node.Handle, Place: Take(world, node).Groups.SingleOrDefault(place => place.Group == group)))
            .Where(node => node.Place is not null)
            .ToDictionary(node => node.Handle, node => node.Place!);
        var root = Assert.Single(places, place => place.Value.IsRendezvousPoint).Key;
        Assert.Equal(world.RootOf(group).Handle, root);
        foreach (var (node, place) in places)
        {
            Assert.True(place.IsAttached);
            Assert.Equal("tree", place.Name);
            Assert.Equal(1UL, place.Last.Number);
            Assert.Equal(world.Members.Count(member => member.Node.Handle.Equals(node)), place.MembershipCount);
            Assert.All(place.Children, child => Assert.Equal(node, places[child].Parent));
            Assert.Equal(place.Parent is null ? 0 : places[place.Parent].Depth + 1, place.Depth);
        }

        Assert.Equal(places.Count - 1, places.Values.Sum(place => place.Children.Count));
    }

    [Fact]
    public void Meters_count_what_is_delivered_and_passed_on()
    {
        var sums = new Dictionary<string, double>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == ScribeTelemetry.MeterName)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => Note(instrument, value));
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => Note(instrument, value));
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => Note(instrument, value));
        listener.Start();

        var world = new ScribeWorld(40, seed: 92);
        var group = world.Create("counted").Id;
        world.JoinMany(group, 10);
        world.Publish(world.Members[0], "one");
        world.Run(10);
        listener.RecordObservableInstruments();

        // Other tests' nodes may be counted by the same meter.
        Assert.True(sums["p2p.scribe.batches_delivered"] >= 10);
        Assert.True(sums["p2p.scribe.batches_forwarded"] >= 9);
        Assert.Contains("p2p.scribe.requests_refused", sums.Keys);
        Assert.True(sums["p2p.scribe.depth"] >= 9);
        Assert.True(sums["p2p.scribe.publish_duration"] > 0);
        Assert.True(sums["p2p.scribe.groups"] >= 10);
        Assert.True(sums["p2p.scribe.children"] >= 9);
        Assert.True(sums["p2p.scribe.rendezvous_points"] >= 1);

        void Note(Instrument instrument, double value)
        {
            lock (sums)
            {
                sums[instrument.Name] = sums.GetValueOrDefault(instrument.Name) + value;
            }
        }
    }

    private static ScribeSnapshot Take(ScribeWorld world, P2P.Pastry.Simulation.SimulatedNode node) =>
        world.Scribe.Run(() => world.Scribe.ScribeOf(node).GetSnapshotAsync().AsTask(), ScribeWorld.Limit);
}
