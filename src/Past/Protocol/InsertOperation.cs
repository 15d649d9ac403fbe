using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Is one insert at its client: the request is routed, holders are named, and each one's receipt is verified, so that no node can make fewer
/// than k copies unseen. A try that stalls is followed by another, which costs little: who holds the file answers with a receipt at once.
/// </summary>
internal sealed class InsertOperation(ulong id, FileCertificate certificate, ReadOnlyMemory<byte>? content, PastOptions options)
{
    private readonly Dictionary<NodeId, StoreReceipt> _receipts = [];
    private NodeHandle[] _holders = [];
    private Instant _progressAt;
    private int _attempt;

    public ulong Id { get; } = id;

    public FileId FileId => certificate.FileId;

    /// <summary>How the insert ended, or null while it goes on.</summary>
    public InsertResult? Result { get; private set; }

    public void Attempt(IOverlay overlay)
    {
        _attempt++;
        _holders = [];
        Progress(overlay);
        overlay.SetTimer(TimerTokens.Insert(Id), overlay.Now + options.OperationTimeout);
        overlay.Route(FileId.RoutingKey, Payload.FromContent(new InsertRequest(Id, overlay.Self, certificate, content)));
    }

    public void OnAccepted(NodeHandle[] holders, IOverlay overlay)
    {
        if (holders.Select(holder => holder.Id).Distinct().Count() < certificate.ReplicaCount)
        {
            return;
        }

        _holders = holders;
        Progress(overlay);
        EndIfComplete();
    }

    public void OnReply(NodeHandle from, StoreReply reply, IOverlay overlay)
    {
        Progress(overlay);
        if (reply.Receipt is { } receipt && receipt.Holder == from.Id && receipt.IsFor(certificate))
        {
            overlay.Perform(new CheckReceipt(Id, certificate, from, receipt));
            return;
        }

        switch (reply.Refusal)
        {
            case StoreRefusal.None or StoreRefusal.NotResponsible or StoreRefusal.Busy or StoreRefusal.SourceUnreachable:
                // The ring may be changing; the time-out tries again.
                break;
            default:
                Result = new InsertResult.Refused(certificate, [.. _receipts.Values], reply.Refusal);
                break;
        }
    }

    public void OnReceiptChecked(NodeHandle holder, StoreReceipt receipt, bool valid, IOverlay overlay)
    {
        if (!valid || !_receipts.TryAdd(holder.Id, receipt))
        {
            return;
        }

        Progress(overlay);
        overlay.Perform(new InsertProgressed(Id, _receipts.Count, certificate.ReplicaCount));
        EndIfComplete();
    }

    public void OnProgress(IOverlay overlay) => Progress(overlay);

    public void Expire(IOverlay overlay)
    {
        var due = _progressAt + options.OperationTimeout;
        if (due > overlay.Now)
        {
            overlay.SetTimer(TimerTokens.Insert(Id), due);
        }
        else if (_attempt < options.OperationAttemptsMax)
        {
            Attempt(overlay);
        }
        else
        {
            Cancel();
        }
    }

    public void Cancel() => Result = new InsertResult.Indeterminate(certificate, [.. _receipts.Values]);

    private void EndIfComplete()
    {
        if (_holders.Length > 0 && _holders.All(holder => _receipts.ContainsKey(holder.Id)))
        {
            Result = new InsertResult.Stored(certificate, [.. _holders.Select(holder => _receipts[holder.Id])]);
        }
    }

    private void Progress(IOverlay overlay) => _progressAt = overlay.Now;
}
