using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Remembers which anycasts have come by, the last ones: one comes again where its client sends it anew, and as often as it likes where somebody lies about where
/// it has been.
/// </summary>
internal sealed class KnownRequests
{
    private const int RequestsMax = 4096;

    private readonly Dictionary<(NodeId Author, ulong Operation), KnownRequest> _requests = [];
    private readonly Queue<(NodeId Author, ulong Operation)> _order = [];

    public KnownRequest? Find(SignedBatch request) => _requests.GetValueOrDefault(KeyOf(request));

    public KnownRequest Add(SignedBatch request)
    {
        if (_order.Count >= RequestsMax)
        {
            _requests.Remove(_order.Dequeue());
        }

        var (key, known) = (KeyOf(request), new KnownRequest());
        _requests.Add(key, known);
        _order.Enqueue(key);
        return known;
    }

    private static (NodeId Author, ulong Operation) KeyOf(SignedBatch request) => (request.Author.NodeId, request.Operation);
}

/// <summary>Is what a node has done with one anycast.</summary>
internal sealed class KnownRequest
{
    /// <summary>How often it has come by.</summary>
    public int VisitCount { get; set; }

    /// <summary>Whether a member here was asked, and has not accepted.</summary>
    public bool IsAsked { get; set; }

    /// <summary>Where it was sent from here: if it comes again, others may do more with it.</summary>
    public HashSet<NodeId> Tried { get; } = [];
}
