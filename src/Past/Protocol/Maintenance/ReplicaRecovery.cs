using System.Runtime.InteropServices;
using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>Gets back what this node should hold and does not, as when a replica turned out to be damaged.</summary>
internal static class ReplicaRecovery
{
    /// <summary>How many nodes next to an id may ask for a file unoffered.</summary>
    public const int NeighborsMax = LookupAbsent.CandidatesMax;

    /// <summary>Asks the nodes next to a file's id to offer it, as if this node had just come.</summary>
    public static void Ask(IEnumerable<FileId> files, ReplicaSets sets, IOverlay overlay)
    {
        var asked = new Dictionary<NodeHandle, List<FileId>>();
        foreach (var file in files)
        {
            foreach (var node in sets.Of(file.RoutingKey, NeighborsMax, overlay))
            {
                if (node.Id != overlay.Self.Id)
                {
                    (CollectionsMarshal.GetValueRefOrAddDefault(asked, node, out _) ??= []).Add(file);
                }
            }
        }

        foreach (var (node, missing) in asked)
        {
            foreach (var part in missing.Chunk(PastFormat.OffersMax))
            {
                overlay.Send(node, Payload.FromContent(new ReplicaOfferReply([], part, [])));
            }
        }
    }
}
