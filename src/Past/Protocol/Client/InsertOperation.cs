using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Is one insert at its client: a coordinator is searched for, it names the holders, and each one's receipt is verified, so that no node can
/// make fewer than k copies unseen. A try that stalls is followed by another, which costs little: who holds the file answers with a receipt at
/// once. What earlier tries lead to counts for as long as the insert goes on, since on a slow way all answers may come late.
/// </summary>
internal sealed class InsertOperation(ulong id, FileCertificate certificate, ReadOnlyMemory<byte>? content, PastOptions options)
{
    private readonly Dictionary<NodeId, StoreReceipt> _receipts = new(certificate.ReplicaCount);
    private readonly List<NodeId> _checking = [];
    private readonly Dictionary<NodeId, (NodeHandle By, RefusalCode Code)> _refusals = [];
    private readonly List<Assignment> _earlier = [];
    private NodeHandle? _coordinator;
    private NodeHandle[] _holders = [];
    private Instant _progressAt;
    private Instant _deadline;
    private int _attempt;

    public ulong Id { get; } = id;

    public FileId FileId => certificate.FileId;

    /// <summary>The content, where it travels within messages.</summary>
    public ReadOnlyMemory<byte>? Content => content;

    /// <summary>How the insert ended, or null while it goes on.</summary>
    public InsertResult? Result { get; private set; }

    public void Start(IOverlay overlay)
    {
        // Holders that report progress for ever are no reason to wait for ever.
        _deadline = overlay.Now + options.InsertTimeMaxOf(certificate.ContentLength);
        Attempt(overlay);
    }

    /// <summary>Turns to the node that takes the insert. One that was not searched for learns no more than that it was invited too late.</summary>
    public void OnInvited(NodeHandle from, IOverlay overlay)
    {
        if (_coordinator is null)
        {
            _coordinator = from;
            Progress(overlay);
            overlay.Send(from, Payload.FromContent(new InsertRequest(Id, certificate, content)));
        }
    }

    public void OnAccepted(NodeHandle from, NodeHandle[] holders, IOverlay overlay)
    {
        if (holders.Length != certificate.ReplicaCount || !AreDistinct(holders) || !MayHold(holders, overlay))
        {
            return;
        }

        if (from.Id != _coordinator?.Id)
        {
            if (_earlier.Find(assignment => assignment.Coordinator == from.Id) is { } late)
            {
                late.Holders = holders;
                EndIfComplete();
            }

            return;
        }

        _holders = holders;
        Progress(overlay);
        foreach (var holder in _refusals.Count > 0 ? holders : [])
        {
            if (_refusals.TryGetValue(holder.Id, out var refusal) && refusal.Code.ToReason() != StoreRefusal.Unknown)
            {
                Refuse(refusal.Code, refusal.By);
                return;
            }
        }

        EndIfComplete();
    }

    public void OnReply(NodeHandle from, StoreReply reply, IOverlay overlay)
    {
        if (reply.Receipt is { } receipt && receipt.Holder == from.Id && receipt.IsFor(certificate))
        {
            // A receipt may overtake the message that names its holder; how many are checked for nothing is bounded.
            if (!_receipts.ContainsKey(from.Id) && _checking.Count < 2 * FileCertificate.ReplicaCountMax && !_checking.Contains(from.Id))
            {
                _checking.Add(from.Id);
                overlay.Perform(new CheckReceipt(Id, certificate, from, receipt));
            }
        }
        else if (!reply.Refusal.IsPassing())
        {
            OnRefused(from, reply.Refusal, overlay);
        }
    }

    public void OnReceiptChecked(NodeHandle holder, StoreReceipt receipt, bool valid, IOverlay overlay)
    {
        _checking.Remove(holder.Id);
        if (!valid || !_receipts.TryAdd(holder.Id, receipt))
        {
            return;
        }

        Progress(overlay);
        overlay.Perform(new InsertProgressed(Id, Math.Min(_receipts.Count, certificate.ReplicaCount), certificate.ReplicaCount));
        EndIfComplete();
    }

    public void OnProgress(NodeHandle from, IOverlay overlay)
    {
        if (IsHolder(from) && !_receipts.ContainsKey(from.Id))
        {
            Progress(overlay);
        }
    }

    public void Expire(IOverlay overlay)
    {
        var due = Earlier(_progressAt + options.OperationTimeout, _deadline);
        if (due > overlay.Now)
        {
            overlay.SetTimer(TimerTokens.Insert(Id), due);
        }
        else if (_attempt < options.OperationAttemptsMax && overlay.Now < _deadline)
        {
            Attempt(overlay);
        }
        else if (_refusals.Values.FirstOrDefault(refusal => IsHolder(refusal.By)) is { By: { } by, Code: var code })
        {
            // A later release's reason; who gives it again and again is not to be asked for ever.
            Refuse(code, by);
        }
        else
        {
            Cancel();
        }
    }

    public void Cancel() => Result = new InsertResult.Indeterminate(certificate, [.. _receipts.Values]);

    private void Attempt(IOverlay overlay)
    {
        _attempt++;
        if (_coordinator is { } earlier)
        {
            Remember(earlier.Id, _holders);
        }

        _coordinator = null;
        _holders = [];
        _refusals.Clear();
        Progress(overlay);
        overlay.SetTimer(TimerTokens.Insert(Id), Earlier(overlay.Now + options.OperationTimeout, _deadline));
        Detour.Route(new InsertSearch(FileId, certificate.ReplicaCount, Id, overlay.Self), _attempt, overlay);
    }

    private void Remember(NodeId coordinator, NodeHandle[] holders)
    {
        var assignment = _earlier.Find(assignment => assignment.Coordinator == coordinator);
        if (assignment is null)
        {
            _earlier.Add(new Assignment(coordinator) { Holders = holders });
        }
        else if (holders.Length > 0)
        {
            assignment.Holders = holders;
        }
    }

    /// <summary>Tells whether no node is named twice.</summary>
    private static bool AreDistinct(NodeHandle[] nodes)
    {
        for (var i = 1; i < nodes.Length; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (nodes[i].Id == nodes[j].Id)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Tells whether nodes lie where those closest to the id may.</summary>
    private bool MayHold(NodeHandle[] holders, IOverlay overlay)
    {
        var density = new RingDensity(overlay);
        return Array.TrueForAll(holders, holder => density.MayHold(certificate.ReplicaCount, holder.Id, FileId.RoutingKey));
    }

    /// <summary>Takes a refusal for an answer, where it is one; else, and with what later releases may say, the time-out tries again.</summary>
    private void OnRefused(NodeHandle from, RefusalCode code, IOverlay overlay)
    {
        var isKnown = code.ToReason() != StoreRefusal.Unknown;
        if (isKnown && IsHolder(from))
        {
            Refuse(code, from);
        }
        else if (isKnown && from.Id == _coordinator?.Id && _holders.Length == 0)
        {
            // Whoever lies on the way can invite and refuse: its word counts when no other way leads to another answer.
            if (_attempt < options.OperationAttemptsMax)
            {
                Attempt(overlay);
            }
            else
            {
                Refuse(code, from);
            }
        }
        else if ((_holders.Length == 0 || IsHolder(from)) && _refusals.Count < FileCertificate.ReplicaCountMax)
        {
            _refusals[from.Id] = (from, code);
        }
    }

    private static Instant Earlier(Instant one, Instant other) => one < other ? one : other;

    private bool IsHolder(NodeHandle node) => Array.Exists(_holders, holder => holder.Id == node.Id);

    private void Refuse(RefusalCode code, NodeHandle by) => Result = new InsertResult.Refused(certificate, [.. _receipts.Values], code.ToReason(), by);

    private void EndIfComplete()
    {
        if (AreComplete(_holders))
        {
            EndStored(_holders);
        }
        else if (_earlier.Find(assignment => AreComplete(assignment.Holders)) is { } earlier)
        {
            EndStored(earlier.Holders);
        }
    }

    private bool AreComplete(NodeHandle[] holders) =>
        holders.Length > 0 && _receipts.Count >= holders.Length && Array.TrueForAll(holders, holder => _receipts.ContainsKey(holder.Id));

    private void EndStored(NodeHandle[] holders) => Result = new InsertResult.Stored(certificate, [.. holders.Select(holder => _receipts[holder.Id])]);

    private void Progress(IOverlay overlay) => _progressAt = overlay.Now;

    /// <summary>The holders that a coordinator names; none as long as it has not.</summary>
    private sealed class Assignment(NodeId coordinator)
    {
        public NodeId Coordinator => coordinator;

        public NodeHandle[] Holders { get; set; } = [];
    }
}
