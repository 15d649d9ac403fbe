using P2P.Pastry;

namespace Pastry.Tests;

/// <summary>Makes handles and ids for tests.</summary>
internal static class Nodes
{
    public static NodeHandle At(NodeId id, ulong incarnation = 1) => new(id, incarnation, [new NodeAddress("node.example", 4000)]);

    public static NodeHandle At(UInt128 id, ulong incarnation = 1) => At(new NodeId(id), incarnation);

    public static NodeId NextId(this Random random) =>
        new(new UInt128((ulong)random.NextInt64(long.MinValue, long.MaxValue), (ulong)random.NextInt64(long.MinValue, long.MaxValue)));

    /// <summary>Draws ids of which many are neighbours, equal or opposite of each other: where mistakes at the edges show.</summary>
    public static NodeId NextEdgyId(this Random random) =>
        new(unchecked((new UInt128((ulong)random.Next(4) << 62, 0)) + (UInt128)random.Next(5) - 2));
}
