namespace P2P.Pastry.Protocol;

/// <summary>
/// Is the widest stretch of the ring without a member, as long as a leaf set is not full. In a ring of few nodes nobody is there; after a
/// death in a large one nearly everybody is, and the sides of the leaf set end where it begins.
/// </summary>
/// <param name="Before">The farthest true member of the clockwise side, or null where it has none.</param>
/// <param name="After">The farthest true member of the counterclockwise side, or null where it has none.</param>
/// <param name="ClockwiseRoom">How many true members the clockwise side lacks.</param>
/// <param name="CounterclockwiseRoom">How many true members the counterclockwise side lacks.</param>
internal readonly record struct RingGap(NodeHandle? Before, NodeHandle? After, int ClockwiseRoom, int CounterclockwiseRoom)
{
    /// <summary>Finds the gap between the members of a leaf set.</summary>
    public static RingGap Among(NodeId self, ReadOnlySpan<NodeHandle> members, int sideLength)
    {
        var sorted = members.ToArray();
        Array.Sort(sorted, (left, right) => self.ClockwiseTo(left.Id).CompareTo(self.ClockwiseTo(right.Id)));
        var (place, widest) = (0, UInt128.Zero);
        for (var next = 0; next <= sorted.Length; next++)
        {
            var begin = next == 0 ? 0 : self.ClockwiseTo(sorted[next - 1].Id);
            // Around to the owner itself it is the whole ring, which is zero.
            var end = next == sorted.Length ? 0 : self.ClockwiseTo(sorted[next].Id);
            if (unchecked(end - begin) is var width && width > widest)
            {
                (place, widest) = (next, width);
            }
        }

        return new RingGap(
            place > 0 ? sorted[place - 1] : null,
            place < sorted.Length ? sorted[place] : null,
            Math.Max(0, sideLength - place),
            Math.Max(0, sideLength - (sorted.Length - place)));
    }

    public bool Contains(NodeId self, NodeId id)
    {
        var distance = self.ClockwiseTo(id);
        return (Before is null || distance > self.ClockwiseTo(Before.Id)) && (After is null || distance < self.ClockwiseTo(After.Id));
    }
}
