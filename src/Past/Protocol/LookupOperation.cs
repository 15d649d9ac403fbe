using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Is one lookup at its client: a search finds a node that holds the file, or one next to its id; that one is asked, and where it does not
/// hold the file, all whom it names. The file counts as not found when these have all said no, and more than one of them is a neighbour of
/// the id, twice, by ways that begin at different nodes: neither a single node can deny a file nor a few that lie on one way.
/// </summary>
/// <remarks>
/// A node's word that it is next to the id counts as far as its place bears it out: it lies no farther off than neighbours do, as densely as
/// nodes lie around this one, and not enough of those that have answered lie nearer.
/// </remarks>
internal sealed class LookupOperation(ulong id, FileId fileId, PastOptions options)
{
    /// <summary>How many answers may wait while one is checked: more than honest nodes send, and no memory for liars.</summary>
    private const int WaitingMax = 16;

    /// <summary>How many nodes a try asks: several times those that a file has for neighbours.</summary>
    private const int AskedMax = 32;

    /// <summary>How many neighbours of the id have to agree that there is no file.</summary>
    private const int WitnessesMin = 2;

    /// <summary>By how many ways they have to be found.</summary>
    private const int WaysMin = 2;

    /// <summary>
    /// How far off a neighbour of the id may lie, in mean distances of nodes: that less than two lie within it happens once in billions of times,
    /// and still rarely where this node's own surroundings are twice as dense as the ring.
    /// </summary>
    private const int WitnessGapsMax = 12;

    private readonly Dictionary<NodeId, Answer> _asked = [];
    private readonly HashSet<NodeId> _everAsked = [];
    private readonly HashSet<NodeId> _answered = [];
    private readonly HashSet<NodeId> _agreeingWays = [];
    private readonly Queue<LookupAnswered> _waiting = [];
    private NodeId _way;
    private Instant _due;
    private int _attempt;
    private bool _thorough;
    private bool _isChecking;

    private enum Answer
    {
        None,
        Absent,

        /// <summary>The node does not hold the file, and knows itself to be one of the closest to the id.</summary>
        AbsentNextToId,
    }

    public ulong Id { get; } = id;

    /// <summary>Tells whether the lookup has been answered or given up.</summary>
    public bool HasEnded { get; private set; }

    public void Attempt(IOverlay overlay)
    {
        _attempt++;
        _asked.Clear();
        // Each further try takes a little longer: who was slow to answer may be busy.
        ExpireAt(overlay.Now + options.OperationTimeout / options.OperationAttemptsMax * _attempt, overlay);
        _way = Detour.Route(new LookupSearch(fileId, _thorough, Id, overlay.Self), _attempt, overlay);
    }

    public void OnInvited(NodeHandle from, IOverlay overlay) => Ask(from, overlay);

    public void OnFound(NodeHandle from, LookupFound found, IOverlay overlay)
    {
        if (!_everAsked.Contains(from.Id))
        {
            return;
        }

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

    public void OnAbsent(NodeHandle from, NodeHandle[] candidates, IOverlay overlay)
    {
        if (!_asked.ContainsKey(from.Id))
        {
            return;
        }

        _answered.Add(from.Id);
        _asked[from.Id] = Array.Exists(candidates, candidate => candidate.Id == from.Id) ? Answer.AbsentNextToId : Answer.Absent;
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
            End(certain: false, overlay);
        }
    }

    private void Ask(NodeHandle node, IOverlay overlay)
    {
        if (_asked.Count < AskedMax && _asked.TryAdd(node.Id, Answer.None))
        {
            _everAsked.Add(node.Id);
            overlay.Send(node, Payload.FromContent(new LookupRequest(Id, fileId)));
        }
    }

    /// <summary>A node does not hold the file, as what it gave shows.</summary>
    private void Disbelieve(NodeHandle node, IOverlay overlay)
    {
        if (_asked.ContainsKey(node.Id))
        {
            _asked[node.Id] = Answer.Absent;
        }

        EndIfAllSaidNo(overlay);
    }

    private void EndIfAllSaidNo(IOverlay overlay)
    {
        if (_isChecking || _asked.ContainsValue(Answer.None))
        {
            return;
        }

        if (CountWitnesses(overlay) >= WitnessesMin)
        {
            _agreeingWays.Add(_way);
        }

        // What this node itself knows of the id's neighbourhood needs no second witness.
        if (_agreeingWays.Count >= WaysMin || _asked.GetValueOrDefault(overlay.Self.Id) == Answer.AbsentNextToId)
        {
            End(certain: true, overlay);
        }
        else if (_attempt < options.OperationAttemptsMax)
        {
            _thorough = true;
            Attempt(overlay);
        }
        else
        {
            End(certain: false, overlay);
        }
    }

    private int CountWitnesses(IOverlay overlay)
    {
        var density = new RingDensity(overlay);
        var key = fileId.RoutingKey;
        return _asked.Count(answer => answer.Value == Answer.AbsentNextToId
            && density.IsWithin(WitnessGapsMax, answer.Key, key)
            && _answered.Count(node => node.IsCloserTo(key, answer.Key)) < LookupAbsent.CandidatesMax);
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
        _due = due;
        overlay.SetTimer(TimerTokens.Lookup(Id), due);
    }
}
