using P2P.Pastry;
using P2P.Pastry.Simulation;
using P2P.Scribe;
using P2P.Scribe.Simulation;

namespace PaperFigures.Experiments.Groups;

/// <summary>Lets many members of one group speak, and counts what each node has to do and how long it takes.</summary>
internal static class CrawlRun
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);

    /// <summary>Runs it with one way of dissemination. Ring, members and senders are the same for both.</summary>
    public static Outcome Measure(Setup setup, Dissemination dissemination)
    {
        var publishedAt = new Dictionary<(NodeId Author, ulong Number), Instant>();
        var delays = new List<double>();
        PastrySimulation? overlay = null;
        var groups = new VirtualGroups(new()
        {
            Overlay = new PastrySimulationOptions { Seed = setup.Seed },
            Delivered = (_, delivery) => delays.Add((overlay!.Now - publishedAt[(delivery.Author, delivery.Number)]).TotalMilliseconds),
        });
        overlay = groups.Overlay;
        var (isCreated, joined) = (false, 0);
        var isFormed = groups.Grow(setup.Nodes);
        var group = groups.Create("senders", new GroupPolicy { Dissemination = dissemination }, created => isCreated = created);
        isFormed = isFormed && overlay.RunUntil(() => isCreated, TimeSpan.FromMinutes(1));
        SimulatedNode[] members = [.. Spread(overlay.Nodes, setup.Members)];
        foreach (var member in members)
        {
            groups.Join(member, group, isIn => joined += isIn ? 1 : 0);
        }

        if (!isFormed || !overlay.RunUntil(() => joined == members.Length, TimeSpan.FromMinutes(2)))
        {
            throw new InvalidOperationException($"The group did not form: {joined} of {members.Length} are members (seed {setup.Seed}).");
        }

        overlay.Run(TimeSpan.FromSeconds(10));
        SimulatedNode[] senders = [.. Spread(members, setup.Senders)];

        // Whoever speaks for the first time looks for the rendezvous point; that is no part of what is compared.
        Speak(1);
        overlay.Run(TimeSpan.FromSeconds(10));
        delays.Clear();
        long[] before = [.. overlay.Nodes.Select(Handled)];
        Speak(2);
        overlay.Run(TimeSpan.FromSeconds(10));
        long[] handled = [.. overlay.Nodes.Select(node => Handled(node) - before[node.Host])];
        var root = overlay.Nodes.Single(node => groups.PlacesOf(node).Any(place => place.Group == group && place.IsRoot));
        return new Outcome(dissemination, handled[root.Host], [.. handled.Order()], [.. delays.Order()], (long)members.Length * senders.Length);

        void Speak(ulong number)
        {
            foreach (var sender in senders)
            {
                publishedAt[(sender.Handle.Id, number)] = overlay!.Now;
                groups.Publish(sender, group);
                overlay.Run(Pause);
            }
        }

        long Handled(SimulatedNode node)
        {
            var (sent, received) = groups.CountMessages(node);
            return sent + received;
        }
    }

    /// <summary>Picks nodes at even distances; hosts lie anywhere.</summary>
    private static IEnumerable<SimulatedNode> Spread(IReadOnlyList<SimulatedNode> nodes, int count) =>
        Enumerable.Range(0, count).Select(i => nodes[(int)((long)i * nodes.Count / count)]);

    /// <summary>Is what is run.</summary>
    public sealed record Setup(ulong Seed, int Nodes, int Members, int Senders);

    /// <summary>Is what was seen.</summary>
    /// <param name="Dissemination">Which way messages took.</param>
    /// <param name="AtRoot">How many messages the root has sent and got.</param>
    /// <param name="Handled">The same of all nodes, ascending.</param>
    /// <param name="Delays">How long each message took to each member, in ms, ascending.</param>
    /// <param name="Expected">How many there should be of these.</param>
    public sealed record Outcome(Dissemination Dissemination, long AtRoot, IReadOnlyList<long> Handled, IReadOnlyList<double> Delays, long Expected)
    {
        public double Delay(double fraction) => Delays[Math.Clamp((int)Math.Ceiling(fraction * Delays.Count) - 1, 0, Delays.Count - 1)];
    }
}
