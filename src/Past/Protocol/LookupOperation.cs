using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Is one lookup at its client: routed at first, so that a near holder answers; then thorough, asking each node that should hold the file
/// itself. Only when all of these say that they don't hold it does the file count as not found.
/// </summary>
internal sealed class LookupOperation(ulong id, FileId fileId, PastOptions options)
{
    /// <summary>How many answers may wait while one is checked: more than honest nodes send, and no memory for liars.</summary>
    private const int WaitingMax = 16;

    private readonly HashSet<NodeId> _absent = [];
    private readonly Queue<LookupAnswered> _waiting = [];
    private NodeHandle[] _candidates = [];
    private Instant _due;
    private int _attempt;
    private bool _thorough;
    private bool _isChecking;

    public ulong Id { get; } = id;

    /// <summary>Tells whether the lookup has been answered or given up.</summary>
    public bool HasEnded { get; private set; }

    public void Attempt(IOverlay overlay)
    {
        _attempt++;
        _absent.Clear();
        _candidates = [];
        // Each further try takes a little longer: who was slow to answer may be busy.
        ExpireAt(overlay.Now + options.OperationTimeout / options.OperationAttemptsMax * _attempt, overlay);
        overlay.Route(fileId.RoutingKey, Payload.FromContent(new LookupRequest(Id, overlay.Self, fileId, _thorough)), FirstHop(overlay));
    }

    public void OnFound(NodeHandle from, LookupFound found, IOverlay overlay)
    {
        if (found.Certificate.FileId != fileId)
        {
            Disbelieve(from, overlay);
        }
        else if (_waiting.Count < WaitingMax)
        {
            // The first answer may be a lie: the others are kept until it has been checked.
            _waiting.Enqueue(new LookupAnswered(Id, from, found.Certificate, found.Content, found.Others));
            CheckNext(overlay);
        }
    }

    /// <summary>The shell found that what a holder gave is not the file.</summary>
    public void OnRejected(NodeHandle holder, IOverlay overlay)
    {
        _isChecking = false;
        CheckNext(overlay);
        Disbelieve(holder, overlay);
    }

    public void OnReferral(NodeHandle[] candidates, IOverlay overlay)
    {
        if (_candidates.Length > 0 || candidates.Length == 0)
        {
            return;
        }

        _candidates = candidates;
        foreach (var candidate in candidates)
        {
            overlay.Send(candidate, Payload.FromContent(new LookupRequest(Id, overlay.Self, fileId, thorough: false)));
        }
    }

    public void OnAbsent(NodeHandle from, IOverlay overlay) => Disbelieve(from, overlay);

    public void Expire(IOverlay overlay)
    {
        if (overlay.Now < _due)
        {
            return;
        }

        if (_isChecking)
        {
            ExpireAt(overlay.Now + options.OperationTimeout, overlay);
        }
        else if (_attempt < options.OperationAttemptsMax)
        {
            _thorough |= _attempt > 1;
            Attempt(overlay);
        }
        else
        {
            HasEnded = true;
            overlay.Perform(new LookupFailed(Id, Certain: false));
        }
    }

    /// <summary>A node does not hold the file, whether it says so or shows it by what it gave.</summary>
    private void Disbelieve(NodeHandle node, IOverlay overlay)
    {
        _absent.Add(node.Id);
        if (_isChecking)
        {
            return;
        }

        if (_candidates.Length == 0)
        {
            if (!_thorough && _attempt < options.OperationAttemptsMax)
            {
                _thorough = true;
                Attempt(overlay);
            }

            return;
        }

        if (_candidates.All(candidate => _absent.Contains(candidate.Id)))
        {
            HasEnded = true;
            overlay.Perform(new LookupFailed(Id, Certain: true));
        }
    }

    /// <summary>Chooses another way for each further try, around whoever lost or swallowed the one before.</summary>
    private NodeHandle? FirstHop(IOverlay overlay) =>
        _attempt > 1 && overlay.LocalLookup(fileId.RoutingKey, max: _attempt, safe: false) is { Count: > 1 } known ? known[^1] : null;

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
        _due = due;
        overlay.SetTimer(TimerTokens.Lookup(Id), due);
    }
}
