using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <content>Files that go: since their owner takes them back, or since this node leaves for good.</content>
internal sealed partial class PastMachine
{
    private bool _isRetirementAwaited;

    /// <summary>
    /// Holds nothing for the ring from now on. Neighbours learn that this is an access point, so that others should hold what it has; as one that has what it should not, it
    /// offers that to all of them, and lets go of each file when they have it.
    /// </summary>
    private void Retire(IOverlay overlay)
    {
        _store.Retire();
        _isRetirementAwaited = true;
        _reports.TellAll(overlay);
        _maintenance.RoomChanged(overlay);
    }

    /// <summary>
    /// Tells when the node holds nothing any more. What it was asked to store before it began to retire may still be on its way, and others count on the receipt.
    /// </summary>
    private void EndRetirementIfDone(IOverlay overlay)
    {
        if (_isRetirementAwaited && _desk.IsIdle && _store.Usage.Count == 0)
        {
            _isRetirementAwaited = false;
            overlay.Perform(new RetirementEnded());
        }
    }

    /// <summary>Tells whether this node may be asked to hold a file of which nothing is known but its id.</summary>
    private bool MayHold(FileId fileId, IOverlay overlay) => _sets.CountBefore(fileId.RoutingKey, overlay) < CandidatesMax;

    private void Reclaim(NodeHandle from, ReclaimRequest request, IOverlay overlay)
    {
        var fileId = request.Certificate.FileId;
        var isSteward = _pointers.TryGet(fileId, out var pointer) && _sets.CountBefore(fileId.RoutingKey, overlay) < pointer.ReplicaCount;
        long? diverted = isSteward ? pointer!.ContentLength : null;
        overlay.Perform(new ReclaimReplica(request.Operation, from, request.Certificate, MayHold(fileId, overlay), diverted));
    }

    /// <summary>Tells the client whether this node has given the file up, and who else may hold it; and who holds it in this node's stead, to do the same.</summary>
    private void OnReclaimed(ReplicaReclaimed reclaimed, IOverlay overlay)
    {
        var request = reclaimed.Request;
        var fileId = request.Certificate.FileId;
        if (request.Operation != 0)
        {
            Send(overlay, request.From, new ReclaimReply(request.Operation, reclaimed.Receipt, CandidatesFor(fileId, overlay)));
        }

        if (_pointers.TryGet(fileId, out var pointer))
        {
            _pointers.Remove(fileId);
            Send(overlay, pointer.Holder, new ReclaimRequest(operation: 0, request.Certificate));
        }

        _cache?.Drop(fileId, overlay);
        _stewards.Remove(fileId);
        _reports.OnChanged(overlay);
    }
}
