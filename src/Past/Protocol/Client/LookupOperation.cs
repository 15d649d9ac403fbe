using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Is one lookup at its client: a search finds a node that holds the file, or one next to its id; that one is asked, and where it does not
/// hold the file, all whom it names. When the file counts as not found, <see cref="Survey"/> says. A node has one answer at a time, and none after a wrong one: so
/// liars neither keep others' answers from being checked nor the lookup from ending.
/// </summary>
internal sealed class LookupOperation(ulong id, FileId fileId, PastOptions options, NodeId[]? distrusted = null)
{
    /// <summary>How many answers may wait while one is checked: more than honest nodes send, and no memory for liars.</summary>
    private const int WaitingMax = 16;

    private readonly Survey _survey = new(fileId);
    private readonly Queue<LookupAnswered> _waiting = [];

    /// <summary>Whose answers wait or are being checked.</summary>
    private readonly HashSet<NodeId> _answering = [];
    private readonly HashSet<NodeId> _disbelieved = [.. distrusted ?? []];
    private Instant _due;
    private Instant _deadline;

    /// <summary>After a wrong answer, no cache on the way is good enough.</summary>
    private bool _thorough = distrusted is { Length: > 0 };
    private bool _isChecking;

    public ulong Id { get; } = id;

    /// <summary>Tells whether the lookup has been answered or given up.</summary>
    public bool HasEnded { get; private set; }

    public void Start(IOverlay overlay)
    {
        // Answers that are checked for ever are no reason to wait for ever.
        _deadline = overlay.Now + options.OperationTimeMax;
        Attempt(overlay);
    }

    public void OnInvited(NodeHandle from, IOverlay overlay)
    {
        Ask(from, overlay);
        EndIfAllSaidNo(overlay);
    }

    public void OnFound(NodeHandle from, LookupFound found, IOverlay overlay)
    {
        if (_disbelieved.Contains(from.Id) || (!_survey.WasAsked(from) && !IsUninvited(from)))
        {
            return;
        }

        if (found.Certificate.FileId != fileId)
        {
            Disbelieve(from, overlay);
        }
        else if (_waiting.Count < WaitingMax && _answering.Add(from.Id))
        {
            // The first answer may be a lie: the others are kept until it has been checked.
            _waiting.Enqueue(new LookupAnswered(Id, from, found.Certificate, found.Content, found.Others, found.Age));
            CheckNext(overlay);
        }
    }

    /// <summary>The shell found that what a holder gave is not the file, or had no time to look; then the holder may be asked again.</summary>
    public void OnRejected(NodeHandle holder, bool wasChecked, IOverlay overlay)
    {
        _isChecking = false;
        _answering.Remove(holder.Id);
        CheckNext(overlay);
        if (wasChecked)
        {
            Disbelieve(holder, overlay);
        }
    }

    public void OnAbsent(NodeHandle from, NodeHandle[] candidates, IOverlay overlay)
    {
        if (_disbelieved.Contains(from.Id) || (!_survey.IsAsked(from) && !IsUninvited(from)))
        {
            return;
        }

        _survey.Answered(from, candidates, overlay);
        foreach (var candidate in candidates)
        {
            Ask(candidate, overlay);
        }

        EndIfAllSaidNo(overlay);
    }

    public void Expire(IOverlay overlay)
    {
        if (overlay.Now < _due)
        {
            return;
        }

        if (overlay.Now >= _deadline)
        {
            End(certain: false, overlay);
        }
        else if (_isChecking)
        {
            ExpireAt(overlay.Now + options.OperationTimeout, overlay);
        }
        else if (_survey.Attempt < options.OperationAttemptsMax)
        {
            _thorough |= _survey.Attempt > 1;
            Attempt(overlay);
        }
        else
        {
            End(certain: false, overlay);
        }
    }

    private void Attempt(IOverlay overlay)
    {
        _survey.Begin(new LookupSearch(fileId, _thorough, Id, overlay.Self, takesAnswer: !_thorough), overlay);
        // Each further try takes a little longer: who was slow to answer may be busy.
        ExpireAt(overlay.Now + options.OperationTimeout / options.OperationAttemptsMax * _survey.Attempt, overlay);
    }

    /// <summary>
    /// Takes the answer of a node that has the search from this one, and so need not be asked. Whoever else knows of the operation could have invited this node.
    /// </summary>
    private bool IsUninvited(NodeHandle from) => !_thorough && _survey.TryAsk(from);

    /// <summary>Asks a node, or takes it that it does not hold the file; then it is for the caller to see whether all have answered.</summary>
    private void Ask(NodeHandle node, IOverlay overlay)
    {
        if (!_survey.TryAsk(node))
        {
            return;
        }

        if (_disbelieved.Contains(node.Id))
        {
            _survey.Disbelieve(node);
        }
        else
        {
            overlay.Send(node, Payload.FromContent(new LookupRequest(Id, fileId)));
        }
    }

    /// <summary>A node does not hold the file, as what it gave shows.</summary>
    private void Disbelieve(NodeHandle node, IOverlay overlay)
    {
        _disbelieved.Add(node.Id);
        _survey.Disbelieve(node);
        EndIfAllSaidNo(overlay);
    }

    private void EndIfAllSaidNo(IOverlay overlay)
    {
        if (_isChecking || !_survey.HaveAllAnswered)
        {
            return;
        }

        if (_survey.IsAbsenceCertain(overlay))
        {
            End(certain: true, overlay);
        }
        else if (_survey.TryAskSelf(overlay))
        {
            overlay.Send(overlay.Self, Payload.FromContent(new LookupRequest(Id, fileId)));
        }
        else if (_survey.Attempt < options.OperationAttemptsMax)
        {
            _thorough = true;
            Attempt(overlay);
        }
        else
        {
            End(certain: false, overlay);
        }
    }

    private void End(bool certain, IOverlay overlay)
    {
        HasEnded = true;
        overlay.Perform(new LookupFailed(Id, certain));
    }

    private void CheckNext(IOverlay overlay)
    {
        if (!_isChecking && _waiting.TryDequeue(out var answer))
        {
            _isChecking = true;
            overlay.Perform(answer);
        }
    }

    private void ExpireAt(Instant due, IOverlay overlay)
    {
        _due = due < _deadline ? due : _deadline;
        overlay.SetTimer(TimerTokens.Lookup(Id), _due);
    }
}
