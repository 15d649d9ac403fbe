using P2P.Pastry;

namespace P2P.Past;

/// <summary>Is an interval of the ring: the keys from the first, clockwise, to the last, both included. It may pass zero.</summary>
/// <param name="First">The first key.</param>
/// <param name="Last">The last key; smaller than the first where the interval passes zero.</param>
public readonly record struct KeyRange(NodeId First, NodeId Last)
{
    /// <summary>The whole ring, from zero.</summary>
    public static readonly KeyRange All = new(new NodeId(UInt128.Zero), new NodeId(UInt128.MaxValue));

    /// <summary>Tells whether a key lies in the interval.</summary>
    public bool Contains(NodeId key) => First.ClockwiseTo(key) <= First.ClockwiseTo(Last);
}
