using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Asks around an id for a file: whoever a search finds, and all whom those name. That nobody else holds it counts when these have all answered, and more than
/// one of them is a neighbour of the id: no single node can be all that there is. Absence counts when that is so twice, by ways that begin at different
/// nodes: neither can a few deny a file that lie on one way.
/// </summary>
/// <remarks>
/// A node's word that it is next to the id counts as far as its place bears it out: it lies no farther off than neighbours do, as densely as
/// nodes lie around this one, and not enough of those that have answered lie nearer.
/// </remarks>
internal sealed class Survey(FileId fileId)
{
    /// <summary>How many nodes a try asks: several times those that a file has for neighbours.</summary>
    private const int AskedMax = 32;

    /// <summary>How many neighbours of the id have to be among those that answer; in a ring of two, the other node is all there is.</summary>
    private const int WitnessesMin = 2;

    /// <summary>By how many ways those have to be found that agree that there is no file.</summary>
    private const int WaysMin = 2;

    /// <summary>
    /// How far off a neighbour of the id may lie, in mean distances of nodes: that less than two lie within it happens once in billions of times,
    /// and still rarely where this node's own surroundings are twice as dense as the ring.
    /// </summary>
    private const int WitnessGapsMax = 12;

    private readonly Dictionary<NodeId, Answer> _asked = [];
    private readonly HashSet<NodeId> _askedBefore = [];
    private readonly HashSet<NodeId> _answered = [];
    private readonly HashSet<NodeId> _agreeingWays = [];
    private NodeId _way;

    private enum Answer
    {
        None,

        Given,

        /// <summary>The node knows itself to be one of the closest to the id.</summary>
        GivenNextToId,
    }

    /// <summary>Which try this is, from 1.</summary>
    public int Attempt { get; private set; }

    /// <summary>Tells whether all who were asked in this try have answered; false before anybody was.</summary>
    public bool HaveAllAnswered => _asked.Count > 0 && !_asked.ContainsValue(Answer.None);

    /// <summary>Searches anew, by another way.</summary>
    /// <param name="search">The search.</param>
    /// <param name="overlay">The overlay.</param>
    public void Begin(LookupSearch search, IOverlay overlay)
    {
        Attempt++;
        foreach (var node in _asked.Keys)
        {
            _askedBefore.Add(node);
        }

        _asked.Clear();
        _way = Detour.Route(search, Attempt, overlay);
    }

    /// <summary>Notes that a node is asked; false where it has been in this try, or enough have.</summary>
    public bool TryAsk(NodeHandle node) => _asked.Count < AskedMax && _asked.TryAdd(node.Id, Answer.None);

    /// <summary>Tells whether a node has been asked in this try.</summary>
    public bool IsAsked(NodeHandle node) => _asked.ContainsKey(node.Id);

    /// <summary>Tells whether a node has been asked in any try.</summary>
    public bool WasAsked(NodeHandle node) => _asked.ContainsKey(node.Id) || _askedBefore.Contains(node.Id);

    /// <summary>Takes the answer of a node that was asked, and its word of who is closest to the id.</summary>
    public void Answered(NodeHandle node, NodeHandle[] candidates, IOverlay overlay)
    {
        var isNeighbor = Array.Exists(candidates, candidate => candidate.Id == node.Id) || (node.Id == overlay.Self.Id && IsNeighbor(overlay));
        Note(node, isNeighbor ? Answer.GivenNextToId : Answer.Given);
    }

    /// <summary>
    /// Notes that this node asks itself, where it is a neighbour of the id whom nobody names, since it holds nothing for others; false where it is none, or has been
    /// asked in this try.
    /// </summary>
    public bool TryAskSelf(IOverlay overlay) => IsNeighbor(overlay) && TryAsk(overlay.Self);

    /// <summary>Takes it that a node does not hold the file, whatever it says, and that it is no witness.</summary>
    public void Disbelieve(NodeHandle node) => Note(node, Answer.Given);

    /// <summary>Tells, where all have answered, whether enough of them are neighbours of the id that these are all who have to be asked.</summary>
    public bool IsWitnessed(IOverlay overlay) =>
        IsWitness(overlay) || CountWitnesses(overlay) >= Math.Min(WitnessesMin, Math.Max(1, new RingDensity(overlay).Members));

    /// <summary>Tells, where all have denied the file, whether enough of them are to be believed.</summary>
    public bool IsAbsenceCertain(IOverlay overlay)
    {
        if (IsWitnessed(overlay))
        {
            _agreeingWays.Add(_way);
        }

        return _agreeingWays.Count >= WaysMin || IsWitness(overlay);
    }

    /// <summary>What this node itself knows of the id's neighbourhood needs no second witness.</summary>
    private bool IsWitness(IOverlay overlay) => _asked.GetValueOrDefault(overlay.Self.Id) == Answer.GivenNextToId;

    private bool IsNeighbor(IOverlay overlay) => overlay.ReplicaSet(fileId.RoutingKey, LookupAbsent.CandidatesMax).Contains(overlay.Self);

    private int CountWitnesses(IOverlay overlay)
    {
        var density = new RingDensity(overlay);
        var key = fileId.RoutingKey;
        return _asked.Count(answer => answer.Value == Answer.GivenNextToId
            && density.IsWithin(WitnessGapsMax, answer.Key, key)
            && _answered.Count(node => node.IsCloserTo(key, answer.Key)) < LookupAbsent.CandidatesMax);
    }

    private void Note(NodeHandle node, Answer answer)
    {
        if (_asked.ContainsKey(node.Id))
        {
            _asked[node.Id] = answer;
            _answered.Add(node.Id);
        }
    }
}
