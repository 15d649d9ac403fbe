namespace P2P.Pastry.Protocol;

/// <summary>Orders nodes by how close they are to a key; no two are equally close.</summary>
internal static class Closeness
{
    public static Comparison<NodeHandle> To(NodeId key) =>
        (left, right) => left.Id == right.Id ? 0 : left.Id.IsCloserTo(key, right.Id) ? -1 : 1;
}
