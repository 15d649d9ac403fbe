using P2P.Pastry.Simulation;

namespace PaperFigures.Experiments.Groups;

/// <summary>Counts the copies of messages that cross each link: between routers, and between a host and its router.</summary>
internal sealed class LinkStress(TransitStubTopology topology, int hosts)
{
    private readonly Dictionary<(int, int), long> _links = [];
    private readonly long[] _hostLinks = new long[hosts];

    /// <summary>The mean over all links, whether anything crosses them or not.</summary>
    public double Mean => (double)Total / (topology.LinkCount + hosts);

    public long Max => Math.Max(_links.Values.DefaultIfEmpty().Max(), _hostLinks.Max());

    public long Total => _links.Values.Sum() + _hostLinks.Sum();

    /// <summary>How many links are crossed so often, or less, of all; at steps up to the most crossed one.</summary>
    public IReadOnlyList<(double Stress, double Fraction)> Distribution
    {
        get
        {
            long[] sorted = [.. _links.Values.Concat(_hostLinks.Where(stress => stress > 0)).Order()];
            var all = topology.LinkCount + hosts;
            var points = new List<(double, double)>();
            for (var i = 0; i < sorted.Length; i++)
            {
                if (i + 1 == sorted.Length || sorted[i + 1] != sorted[i])
                {
                    points.Add((sorted[i], 1 - (double)(sorted.Length - i - 1) / all));
                }
            }

            return points;
        }
    }

    /// <summary>Counts a message from one host to another.</summary>
    public void Send(int from, int to)
    {
        _hostLinks[from]++;
        _hostLinks[to]++;
        var routers = topology.RoutersBetween(from, to);
        for (var i = 1; i < routers.Count; i++)
        {
            Count(routers[i - 1], routers[i]);
        }
    }

    /// <summary>Counts a message that goes from one host to others as IP multicast sends it: over each link of the shortest ways once.</summary>
    public void Multicast(int from, IEnumerable<int> to)
    {
        var crossed = new HashSet<(int, int)>();
        _hostLinks[from]++;
        foreach (var host in to)
        {
            if (host == from)
            {
                continue;
            }

            _hostLinks[host]++;
            var routers = topology.RoutersBetween(from, host);
            for (var i = 1; i < routers.Count; i++)
            {
                if (crossed.Add(Link(routers[i - 1], routers[i])))
                {
                    Count(routers[i - 1], routers[i]);
                }
            }
        }
    }

    private void Count(int a, int b) => _links[Link(a, b)] = _links.GetValueOrDefault(Link(a, b)) + 1;

    private static (int, int) Link(int a, int b) => a < b ? (a, b) : (b, a);
}
