using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Is one lookup at its client: routed at first, so that a near holder answers; then thorough, asking each node that should hold the file
/// itself. Only when all of these say that they don't hold it does the file count as not found.
/// </summary>
internal sealed class LookupOperation(ulong id, FileId fileId, PastOptions options)
{
    private readonly HashSet<NodeId> _absent = [];
    private NodeHandle[] _candidates = [];
    private int _attempt;
    private bool _thorough;

    public ulong Id { get; } = id;

    /// <summary>Tells whether the lookup has been answered or given up.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Tells whether a holder's answer is being checked by the shell.</summary>
    private bool IsChecking { get; set; }

    public void Attempt(IOverlay overlay)
    {
        _attempt++;
        _absent.Clear();
        _candidates = [];
        // Each further try takes a little longer: who was slow to answer may be busy.
        overlay.SetTimer(TimerTokens.Lookup(Id), overlay.Now + options.OperationTimeout / options.OperationAttemptsMax * _attempt);
        overlay.Route(fileId.RoutingKey, Payload.FromContent(new LookupRequest(Id, overlay.Self, fileId, _thorough)));
    }

    public void OnFound(NodeHandle from, LookupFound found, IOverlay overlay)
    {
        if (!IsChecking && found.Certificate.FileId == fileId)
        {
            IsChecking = true;
            overlay.Perform(new LookupAnswered(Id, from, found.Certificate, found.Content, found.Others));
        }
    }

    /// <summary>The shell found that what a holder gave is not the file.</summary>
    public void OnRejected(NodeHandle holder, IOverlay overlay)
    {
        IsChecking = false;
        if (_candidates.Length > 0)
        {
            OnAbsent(holder, overlay);
        }
        else
        {
            StartThorough(overlay);
        }
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

    public void OnAbsent(NodeHandle from, IOverlay overlay)
    {
        _absent.Add(from.Id);
        if (IsChecking || _candidates.Length == 0 || !_candidates.All(candidate => _absent.Contains(candidate.Id)))
        {
            return;
        }

        HasEnded = true;
        overlay.Perform(new LookupFailed(Id, Certain: true));
    }

    public void Expire(IOverlay overlay)
    {
        if (IsChecking)
        {
            overlay.SetTimer(TimerTokens.Lookup(Id), overlay.Now + options.OperationTimeout);
        }
        else if (_attempt < options.OperationAttemptsMax)
        {
            _thorough = _attempt > 1;
            Attempt(overlay);
        }
        else
        {
            HasEnded = true;
            overlay.Perform(new LookupFailed(Id, Certain: false));
        }
    }

    private void StartThorough(IOverlay overlay)
    {
        _thorough = true;
        Attempt(overlay);
    }
}
