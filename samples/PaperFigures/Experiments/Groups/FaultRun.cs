using P2P.Pastry.Simulation;
using P2P.Scribe;
using P2P.Scribe.Simulation;

namespace PaperFigures.Experiments.Groups;

/// <summary>Lets messages flow in one group, does something to its tree, and sees what the members get all the same.</summary>
internal static class FaultRun
{
    /// <summary>A message that takes longer than this from its author to a member was held up by the fault.</summary>
    public static readonly TimeSpan Lateness = TimeSpan.FromSeconds(1);

    private const int AuthorsMax = 20;

    private static readonly TimeSpan Before = TimeSpan.FromSeconds(10);

    /// <summary>Runs one scene.</summary>
    public static Outcome Measure(Setup setup, Scene scene)
    {
        MessageWatch? watch = null;
        var groups = new VirtualGroups(new()
        {
            Overlay = new PastrySimulationOptions { Seed = setup.Seed },
            Scribe = new ScribeOptions { FailureTimeout = setup.FailureTimeout },
            Delivered = (node, delivery) => watch!.Note(node, delivery),
        });
        var overlay = groups.Overlay;
        watch = new MessageWatch(overlay);
        var group = Form(groups, setup);
        SimulatedNode[] authors = [.. overlay.Nodes.OrderBy(_ => overlay.NextRandom(int.MaxValue)).Take(AuthorsMax)];
        Flow(groups, group, authors, watch, setup, Before);
        var struckAt = overlay.Now;
        var struck = Strike(groups, group, scene);
        Flow(groups, group, authors, watch, setup, setup.After);
        overlay.Run(TimeSpan.FromMinutes(1));

        SimulatedNode[] alive = [.. overlay.Nodes.Where(node => node.IsUp)];
        MessageWatch.Message[] acknowledged = [.. watch.Acknowledged];
        var arrivals = acknowledged.SelectMany(message => alive.Select(node => (Message: message, node.Host, Arrival: Find(message, node.Host)))).ToArray();
        var repairs = arrivals
            .Where(arrival => arrival.Arrival is { } came && came.At > struckAt && came.At - arrival.Message.PublishedAt > Lateness)
            .GroupBy(arrival => arrival.Host, arrival => (arrival.Arrival!.Value.At - struckAt).TotalSeconds)
            .Select(member => member.Max())
            .Order()
            .ToArray();
        var inTime = arrivals
            .GroupBy(arrival => Math.Floor((arrival.Message.PublishedAt - struckAt).TotalSeconds * 2) / 2)
            .OrderBy(moment => moment.Key)
            .Select(moment => (moment.Key, moment.Average(arrival => arrival.Arrival is { } came && came.At - arrival.Message.PublishedAt <= Lateness ? 1.0 : 0)))
            .ToArray();
        return new Outcome(
            scene,
            struck,
            acknowledged.Length,
            arrivals.Count(arrival => arrival.Arrival is not { IsReplayed: false }),
            arrivals.Count(arrival => arrival.Arrival is null),
            watch.OutOfOrder,
            repairs,
            inTime);
    }

    private static MessageWatch.Arrival? Find(MessageWatch.Message message, int host) => message.Arrivals.TryGetValue(host, out var arrival) ? arrival : null;

    private static GroupId Form(VirtualGroups groups, Setup setup)
    {
        var (isCreated, joined) = (false, 0);
        var isFormed = groups.Grow(setup.Nodes);
        var group = groups.Create("members", ended: created => isCreated = created);
        isFormed = isFormed && groups.Overlay.RunUntil(() => isCreated, TimeSpan.FromMinutes(1));
        foreach (var node in groups.Overlay.Nodes)
        {
            groups.Join(node, group, isIn => joined += isIn ? 1 : 0);
        }

        if (!isFormed || !groups.Overlay.RunUntil(() => joined == setup.Nodes, TimeSpan.FromMinutes(2)))
        {
            throw new InvalidOperationException($"The group of {setup.Nodes} nodes did not form: {joined} are members (seed {setup.Seed}).");
        }

        groups.Overlay.Run(TimeSpan.FromSeconds(10));
        return group;
    }

    /// <summary>Authors speak in turn, at an even rate; those that have crashed are passed over.</summary>
    private static void Flow(VirtualGroups groups, GroupId group, SimulatedNode[] authors, MessageWatch watch, Setup setup, TimeSpan span)
    {
        var count = (int)(span.TotalSeconds * setup.MessagesPerSecond);
        for (var i = 0; i < count; i++)
        {
            SimulatedNode[] up = [.. authors.Where(author => author.IsUp)];
            watch.Publish(groups, up[i % up.Length], group);
            groups.Overlay.Run(TimeSpan.FromSeconds(1) / setup.MessagesPerSecond);
        }
    }

    private static int Strike(VirtualGroups groups, GroupId group, Scene scene)
    {
        var overlay = groups.Overlay;
        var places = overlay.Nodes.Select(node => (Node: node, Place: groups.PlacesOf(node).First(place => place.Group == group))).ToArray();
        var pool = places
            .Where(place => scene.Who switch { Who.Root => place.Place.IsRoot, Who.Forwarders => !place.Place.IsRoot && place.Place.Children.Count > 0, _ => !place.Place.IsRoot })
            .Select(place => place.Node)
            .OrderBy(_ => overlay.NextRandom(int.MaxValue))
            .ToArray();
        var count = (int)Math.Ceiling(pool.Length * scene.Fraction);
        foreach (var node in pool.Take(count))
        {
            if (scene.Misbehavior == Misbehavior.None)
            {
                node.Crash();
            }
            else
            {
                groups.Misbehave(node, scene.Misbehavior);
            }
        }

        return count;
    }

    /// <summary>Says whom a scene strikes.</summary>
    public enum Who
    {
        /// <summary>Any nodes but the rendezvous point.</summary>
        Nodes,

        /// <summary>Nodes with children, but the rendezvous point.</summary>
        Forwarders,

        /// <summary>The rendezvous point.</summary>
        Root,
    }

    /// <summary>Is what is run.</summary>
    public sealed record Setup(ulong Seed, int Nodes, double MessagesPerSecond, TimeSpan FailureTimeout, TimeSpan After);

    /// <summary>Is what happens in a run: a fraction of nodes crashes, or does wrong, all at once.</summary>
    public sealed record Scene(string Name, string Label, Who Who, double Fraction, Misbehavior Misbehavior = Misbehavior.None);

    /// <summary>Is what was seen.</summary>
    /// <param name="Scene">The scene.</param>
    /// <param name="Struck">How many nodes crashed or did wrong.</param>
    /// <param name="Acknowledged">How many messages their authors know to be safe.</param>
    /// <param name="MissedBeforeReplay">How many of them times the members that live came to a member only because they were sent again, or not at all.</param>
    /// <param name="Missed">How many of them never came.</param>
    /// <param name="OutOfOrder">How often the order was broken.</param>
    /// <param name="RepairSeconds">For each member that got a message late, ascending: how long after the fault it got the last late one.</param>
    /// <param name="InTime">By when messages were published, in seconds from the fault: the fraction of members that got them in time.</param>
    public sealed record Outcome(
        Scene Scene,
        int Struck,
        int Acknowledged,
        int MissedBeforeReplay,
        int Missed,
        int OutOfOrder,
        IReadOnlyList<double> RepairSeconds,
        IReadOnlyList<(double Second, double Fraction)> InTime)
    {
        public double RepairPercentile(double fraction) =>
            RepairSeconds.Count == 0 ? 0 : RepairSeconds[Math.Clamp((int)Math.Ceiling(fraction * RepairSeconds.Count) - 1, 0, RepairSeconds.Count - 1)];
    }
}
