using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Takes one file back at its client: whoever should hold it is told, found as a lookup finds them, and each one's receipt is verified. A node that
/// is told once more answers as before, so that a try that stalls is followed by another; and so is one in which no neighbours of the id were told, whoever has
/// given the file up: these may hold it, too.
/// </summary>
internal sealed class ReclaimOperation(ulong id, ReclaimCertificate certificate, PastOptions options)
{
    /// <summary>How many receipts may be checked at a time: more than a file has replicas, and no work for liars.</summary>
    private const int CheckingMax = 2 * FileCertificate.ReplicaCountMax;

    private readonly Survey _survey = new(certificate.FileId);
    private readonly Dictionary<NodeId, ReclaimReceipt> _receipts = [];
    private readonly Dictionary<NodeId, ReclaimReceipt> _refusing = [];
    private readonly Dictionary<NodeId, NodeHandle[]> _checking = [];
    private Instant _due;

    public ulong Id { get; } = id;

    /// <summary>How it ended, or null while it goes on.</summary>
    public ReclaimResult? Result { get; private set; }

    /// <summary>The receipts of nodes that say that they never held the file, and refuse it from now on. Nobody has verified them.</summary>
    public IEnumerable<ReclaimReceipt> Refusing => _refusing.Values;

    public void Attempt(IOverlay overlay)
    {
        // A cached copy on the way is not what is to be given up. A node next to the id will do: what it does not hold, it may have to know of all the same.
        _survey.Begin(new LookupSearch(certificate.FileId, thorough: true, Id, overlay.Self), overlay);
        _due = overlay.Now + options.OperationTimeout / options.OperationAttemptsMax * _survey.Attempt;
        overlay.SetTimer(TimerTokens.Reclaim(Id), _due);
    }

    public void OnInvited(NodeHandle from, IOverlay overlay) => Tell(from, overlay);

    public void OnReply(NodeHandle from, ReclaimReply reply, IOverlay overlay)
    {
        if (!_survey.IsAsked(from))
        {
            return;
        }

        foreach (var candidate in reply.Candidates)
        {
            Tell(candidate, overlay);
        }

        if (reply.Receipt is not { FreedBytes: not null } receipt)
        {
            if (reply.Receipt is { } refusing && refusing.Holder == from.Id && refusing.IsFor(certificate))
            {
                _refusing.TryAdd(from.Id, refusing);
            }

            _survey.Answered(from, reply.Candidates, overlay);
            EndIfAllAnswered(overlay);
        }
        else if (_receipts.ContainsKey(from.Id))
        {
            _survey.Answered(from, reply.Candidates, overlay);
            EndIfAllAnswered(overlay);
        }
        else if (receipt.Holder == from.Id && receipt.IsFor(certificate) && _checking.Count < CheckingMax && _checking.TryAdd(from.Id, reply.Candidates))
        {
            overlay.Perform(new CheckReclaimReceipt(Id, from, receipt));
        }
    }

    public void OnReceiptChecked(NodeHandle holder, ReclaimReceipt receipt, bool valid, IOverlay overlay)
    {
        _checking.Remove(holder.Id, out var candidates);
        if (valid)
        {
            _receipts.TryAdd(holder.Id, receipt);
            _survey.Answered(holder, candidates ?? [], overlay);
        }
        else
        {
            _survey.Disbelieve(holder);
        }

        EndIfAllAnswered(overlay);
    }

    public void Expire(IOverlay overlay)
    {
        if (overlay.Now < _due)
        {
            return;
        }

        if (_survey.Attempt < options.OperationAttemptsMax)
        {
            Attempt(overlay);
        }
        else
        {
            Cancel();
        }
    }

    public void Cancel() => Result = new ReclaimResult.Indeterminate([.. _receipts.Values]);

    private void Tell(NodeHandle node, IOverlay overlay)
    {
        if (_survey.TryAsk(node))
        {
            overlay.Send(node, Payload.FromContent(new ReclaimRequest(Id, certificate)));
        }
    }

    private void EndIfAllAnswered(IOverlay overlay)
    {
        if (!_survey.HaveAllAnswered)
        {
            return;
        }

        if (_receipts.Count > 0 && _survey.IsWitnessed(overlay))
        {
            Result = new ReclaimResult.Reclaimed([.. _receipts.Values]);
        }
        else if (_receipts.Count == 0 && _survey.IsAbsenceCertain(overlay))
        {
            Result = ReclaimResult.NotFound.Instance;
        }
        else if (_survey.TryAskSelf(overlay))
        {
            overlay.Send(overlay.Self, Payload.FromContent(new ReclaimRequest(Id, certificate)));
        }
        else if (_survey.Attempt < options.OperationAttemptsMax)
        {
            Attempt(overlay);
        }
        else
        {
            Cancel();
        }
    }
}
