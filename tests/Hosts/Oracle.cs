using System.Globalization;
using NodeSample.Control;

namespace Hosts;

/// <summary>Knows who should be whose neighbour, as everybody is known.</summary>
internal static class Oracle
{
    /// <summary>Compares each leaf set with the sorted ring.</summary>
    /// <param name="nodes">All nodes of the ring.</param>
    /// <param name="side">How many neighbours a node has on each side.</param>
    /// <returns>What is not as it should be, a line each.</returns>
    public static IReadOnlyList<string> Findings(IReadOnlyList<NodeStatus> nodes, int side)
    {
        var sorted = nodes.Select(node => node.Id).Order(StringComparer.Ordinal).ToArray();
        var findings = new List<string>();
        foreach (var node in nodes)
        {
            var place = Array.IndexOf(sorted, node.Id);
            var expected = Enumerable.Range(1, Math.Min(side, sorted.Length - 1))
                .SelectMany(distance => (string[])[At(place - distance), At(place + distance)])
                .ToHashSet();
            var found = node.LeafSet.Select(neighbor => neighbor.Id).ToHashSet();
            if (!node.Ready || !found.SetEquals(expected))
            {
                findings.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{node.Id[..8]} is {node.State}; lacks [{Names(expected.Except(found))}], has [{Names(found.Except(expected))}] beyond"));
            }
        }

        return findings;

        string At(int place) => sorted[(place + sorted.Length) % sorted.Length];
    }

    private static string Names(IEnumerable<string> ids) => string.Join(' ', ids.Select(id => id[..8]).Order(StringComparer.Ordinal));
}
