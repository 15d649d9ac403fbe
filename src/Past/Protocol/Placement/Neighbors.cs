using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>Looks nodes up in the leaf set.</summary>
internal static class Neighbors
{
    public static bool Contains(NodeHandle node, IOverlay overlay) => Find(node.Id, overlay) is not null;

    /// <summary>Finds a neighbour as it has shown itself to this node.</summary>
    public static NodeHandle? Find(NodeId node, IOverlay overlay)
    {
        var neighbors = overlay.NeighborSet(int.MaxValue);
        for (var i = 0; i < neighbors.Count; i++)
        {
            if (neighbors[i].Id == node)
            {
                return neighbors[i];
            }
        }

        return null;
    }
}
