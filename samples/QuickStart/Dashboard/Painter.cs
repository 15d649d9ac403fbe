using P2P.Pastry;
using P2P.Scribe;
using QuickStart.Ring;

namespace QuickStart.Dashboard;

/// <summary>Makes the picture of the ring from what its nodes show of themselves: snapshots of the overlay and of the group, and what their stores hold.</summary>
internal sealed class Painter(LiveShow show)
{
    private readonly Dictionary<int, NodeNews> _last = [];
    private Dictionary<int, long> _sent = [];
    private double _countedAt;

    /// <summary>Looks at all nodes that run. Of those that have stopped, the last that was seen is kept for a while.</summary>
    public async Task<PictureNews> PaintAsync(CancellationToken cancellationToken)
    {
        var live = show.Ring.Live;
        var now = show.Timeline.Now;
        var seats = show.Seats;
        var numbers = show.Numbers;
        var sent = new Dictionary<int, long>();
        foreach (var member in live)
        {
            if (await TrySeeAsync(member, seats.GetValueOrDefault(member.Number), numbers, cancellationToken) is var (node, messages))
            {
                _last[member.Number] = node;
                sent[member.Number] = messages;
            }
        }

        foreach (var (number, node) in _last)
        {
            if (!seats.ContainsKey(number))
            {
                _last.Remove(number);
            }
            else if (!sent.ContainsKey(number))
            {
                _last[number] = node with { IsUp = false, IsReady = false, Parent = null, IsRoot = false, IsMember = false };
            }
        }

        FileNews[] files = [.. show.Shelf.Files.Select((file, index) => new FileNews(
            index, file.Name, file.Id.ToString(), PlaceOf(file.Place), file.Length, [.. show.Ring.HoldersOf(file.Id).Select(holder => holder.Number).Where(_last.ContainsKey)]))];
        var lacking = files.Sum(file => Math.Max(0, RingDefaults.Replicas - file.Holders.Count));
        var (below, lost) = (files.Count(file => file.Holders.Count < RingDefaults.Replicas), files.Count(file => file.Holders.Count == 0));
        show.Timeline.Take(lacking, below, lost);
        var span = Math.Max(0.1, now - _countedAt);
        var counts = new CountNews(
            Math.Round(sent.Sum(node => node.Value - _sent.GetValueOrDefault(node.Key)) / span, 1), show.MeanHops, show.Traffic.Lookups, show.Heard, lacking, below, lost);
        (_countedAt, _sent) = (now, sent);
        return new(
            "picture",
            now,
            RingDefaults.Replicas,
            RingDefaults.NodesMax,
            [.. _last.Values.OrderBy(node => node.Number)],
            files,
            counts,
            [.. show.Timeline.Samples.Select(sample => (double[])[sample.At, sample.Lacking, sample.Below, sample.Lost])],
            [.. show.Timeline.Happenings.Select(happening => new HappeningNews(happening.At, happening.Kind, happening.Node, happening.Text))]);
    }

    private async Task<(NodeNews Node, long Messages)?> TrySeeAsync(Member member, Seat? seat, IReadOnlyDictionary<NodeId, int> numbers, CancellationToken cancellationToken)
    {
        try
        {
            var overlay = await member.Node.GetSnapshotAsync(cancellationToken);
            var scribe = await member.Scribe.GetSnapshotAsync(cancellationToken);
            var group = scribe.Groups.FirstOrDefault(group => group.Group == show.Group);
            var id = member.Node.Handle.Id;
            var node = new NodeNews(
                member.Number,
                id.ToString(),
                PlaceOf(id),
                member.IsUp,
                member.Node.IsReady,
                NumbersOf(overlay.Left.Concat(overlay.Right), numbers),
                NumbersOf(overlay.Table.SelectMany(row => row.Nodes), numbers),
                member.Past.Replicas.Usage.Count,
                group?.Parent is { } parent && numbers.TryGetValue(parent.Id, out var number) ? number : null,
                group?.IsRendezvousPoint ?? false,
                group?.MembershipCount > 0,
                seat?.Heard ?? 0);
            return (node, overlay.Counters.Delivered + overlay.Counters.Forwarded + overlay.Counters.ControlSent);
        }
        catch (Exception exception) when (exception is PastryException or ScribeException)
        {
            // It has stopped meanwhile.
            return null;
        }
    }

    private static IReadOnlyList<int> NumbersOf(IEnumerable<PeerSnapshot> peers, IReadOnlyDictionary<NodeId, int> numbers) =>
        [.. peers.Select(peer => numbers.GetValueOrDefault(peer.Node.Id, -1)).Where(number => number >= 0).Distinct()];

    private static double PlaceOf(NodeId id) => Math.Round((double)id.Value / Math.Pow(2, NodeId.BitLength), 5);
}
