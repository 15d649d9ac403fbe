using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Is the side of a node that distributes inserts of others: it has the certificate checked before k nodes are put to work, and asks these to
/// store. How many inserts wait for their check is bounded, also in bytes, and a client has a quarter of that; beyond it a request is dropped,
/// and its client asks again.
/// </summary>
internal sealed class InsertDesk(ReplicaSets sets)
{
    private const int WaitingMax = 4_096;
    private const long WaitingBytesMax = 64L << 20;
    private const int RememberedMax = 16 * WaitingMax;
    private const int Shares = 4;

    /// <summary>After this long a check has been given up, for want of room: its client has asked again.</summary>
    private static readonly TimeSpan CheckTimeMax = TimeSpan.FromSeconds(30);

    private readonly Dictionary<ulong, Coordination> _checking = [];
    private readonly Queue<(ulong Token, Instant Due)> _byAge = [];
    private readonly Tally _counts = new();
    private readonly Tally _bytes = new();

    /// <summary>Takes an insert on from a client that has sent it itself.</summary>
    public void Take(NodeHandle client, InsertRequest request, IOverlay overlay)
    {
        while (_byAge.TryPeek(out var oldest) && (oldest.Due <= overlay.Now || _byAge.Count >= RememberedMax || !_checking.ContainsKey(oldest.Token)))
        {
            _byAge.Dequeue();
            Remove(oldest.Token);
        }

        var coordination = new Coordination(client, request);
        if (_checking.Count >= WaitingMax || _counts[client.Id] >= WaitingMax / Shares
            || _bytes.Total + coordination.Bytes > WaitingBytesMax || _bytes[client.Id] + coordination.Bytes > WaitingBytesMax / Shares)
        {
            return;
        }

        var token = overlay.NextRandom();
        _checking[token] = coordination;
        _byAge.Enqueue((token, overlay.Now + CheckTimeMax));
        _counts.Add(client.Id, 1);
        _bytes.Add(client.Id, coordination.Bytes);
        overlay.Perform(new CheckCertificate(token, client.Id, request.Certificate));
    }

    public void OnChecked(CertificateChecked outcome, IOverlay overlay)
    {
        if (Remove(outcome.Token) is { } coordination)
        {
            Distribute(coordination, outcome.Refusal, overlay);
        }
    }

    private Coordination? Remove(ulong token)
    {
        if (!_checking.Remove(token, out var coordination))
        {
            return null;
        }

        _counts.Add(coordination.Client.Id, -1);
        _bytes.Add(coordination.Client.Id, -coordination.Bytes);
        return coordination;
    }

    private void Distribute(Coordination coordination, RefusalCode refusal, IOverlay overlay)
    {
        var (client, request) = coordination;
        var certificate = request.Certificate;
        var density = new RingDensity(overlay);
        NodeHandle[] holders = [.. sets.Of(certificate.FileId.RoutingKey, certificate.ReplicaCount, overlay)];
        if (refusal != RefusalCode.None)
        {
            Refuse(coordination, refusal, overlay);
        }
        else if (holders.Length < certificate.ReplicaCount || certificate.ReplicaCount > density.ReplicasMax)
        {
            // A leaf set that ends before k nodes are found is either the whole ring, or too small for this k.
            Refuse(coordination, density.IsWhole ? RefusalCode.TooFewNodes : RefusalCode.TooManyReplicas, overlay);
        }
        else
        {
            overlay.Send(client, Payload.FromContent(new InsertAccepted(request.Operation, holders)));
            foreach (var holder in holders)
            {
                overlay.Send(holder, Payload.FromContent(new StoreRequest(request.Operation, client, certificate, request.Content)));
            }
        }
    }

    private static void Refuse(Coordination coordination, RefusalCode refusal, IOverlay overlay) => overlay.Send(
        coordination.Client,
        Payload.FromContent(new StoreReply(coordination.Request.Operation, coordination.Request.Certificate.FileId, refusal, receipt: null)));

    private sealed record Coordination(NodeHandle Client, InsertRequest Request)
    {
        public long Bytes { get; } = Request.Certificate.Encoded.Length + (Request.Content?.Length ?? 0);
    }
}
