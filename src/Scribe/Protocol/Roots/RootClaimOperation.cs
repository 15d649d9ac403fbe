using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Is a node's attempt to become the rendezvous point of a group: it asks those next to the group's id, and those who decide, what they know and for their votes; asks again
/// while there is no majority, until its patience is over; fetches what it lacks from who has most; and only then acts.
/// </summary>
internal sealed class RootClaimOperation(GroupId group, Instant beganAt)
{
    /// <summary>
    /// How many epochs one that tells the truth may be ahead of another: each change of the rendezvous point is one. A lie within that costs a takeover each time, and can't
    /// use epochs up.
    /// </summary>
    private const uint EpochsAheadMax = 1024;

    /// <summary>How often it is asked at once for votes for a later epoch: others may claim as well.</summary>
    private const int RaisesMax = 4;

    private readonly List<NodeHandle> _awaited = [];
    private readonly List<Answer> _known = [];
    private readonly List<NodeHandle> _granted = [];
    private readonly HashSet<NodeId> _dropped = [];
    private Instant _answeredSince = beganAt;
    private NodeId? _departed;
    private bool _isUnknown;
    private bool _isForVotes;
    private int _raises;
    private uint _epochMax;

    public GroupId Group => group;

    /// <summary>Since when there is no rendezvous point.</summary>
    public Instant BeganAt { get; set; } = beganAt;

    public uint Nonce { get; private set; }

    /// <summary>The epoch that is to begin.</summary>
    public uint Epoch { get; private set; }

    public Instant Deadline { get; set; }

    /// <summary>Whether it waits until it asks again.</summary>
    public bool IsPausing { get; set; }

    /// <summary>Whether it has asked in vain before.</summary>
    public bool IsRepeated { get; set; }

    /// <summary>Who has not answered.</summary>
    public IReadOnlyList<NodeHandle> Silent => _awaited;

    /// <summary>Who would have it so, or has voted.</summary>
    public IReadOnlyList<NodeHandle> Granted => _granted;

    /// <summary>Whether anybody has answered: else this node may be cut off.</summary>
    public bool IsAnswered => _granted.Count > 0;

    /// <summary>The last set of nodes that decide that anybody has named, in the line that is gone on with.</summary>
    public Quorum Quorum { get; private set; } = Quorum.None;

    /// <summary>Whether the epoch begins without a majority.</summary>
    public bool IsBreak { get; private set; }

    /// <summary>Who knows more than this node, and most of all in the line that is gone on with.</summary>
    public Answer? Best { get; private set; }

    /// <summary>Whether what is lacking is being fetched.</summary>
    public bool IsFetching { get; set; }

    /// <summary>How often it was asked for without getting any further.</summary>
    public int Attempts { get; set; }

    /// <summary>Whether the best one has told which epochs it knows.</summary>
    public bool IsFollowing { get; set; }

    /// <summary>The number from which on it was asked for.</summary>
    public ulong FetchedFrom { get; set; }

    /// <summary>Somebody who knows of the group.</summary>
    public NodeHandle? Known { get; private set; }

    /// <summary>Certificates of groups that are to begin here if there are none.</summary>
    public List<(NodeHandle Client, ulong Operation, GroupCertificate Certificate)> Creations { get; } = [];

    /// <summary>Nodes that look for the rendezvous point.</summary>
    public List<NodeHandle> Searches { get; } = [];

    /// <summary>Asks anew.</summary>
    public void Begin(uint nonce, bool isForVotes, IReadOnlyList<NodeHandle> asked, uint known, Instant deadline)
    {
        (Nonce, Deadline, IsPausing, _isUnknown) = (nonce, deadline, false, false);
        _isForVotes = isForVotes;
        Epoch = isForVotes ? Math.Max(Math.Max(known, _epochMax) + 1, Epoch) : 0;
        Known = null;
        _known.Clear();
        _granted.Clear();
        _awaited.Clear();
        _awaited.AddRange(asked);
    }

    /// <summary>Takes an answer; one that is no promise is of a node in whose ring this one is not yet, or not any more.</summary>
    /// <returns>True where all have answered.</returns>
    public bool OnPromise(NodeHandle from, RootPromise promise)
    {
        if (_awaited.RemoveAll(node => node.Id == from.Id) > 0)
        {
            Known = promise.Certificate is null ? Known : from;
            if (!promise.IsGranted)
            {
                _isUnknown = true;
                return _awaited.Count == 0;
            }

            _granted.Add(from);
            if (promise.Certificate is { } certificate && certificate.Id == group && !_dropped.Contains(from.Id))
            {
                _known.Add(new Answer(from, certificate, promise.Last, promise.Epoch, promise.Line, promise.Quorum));
            }
        }

        return _awaited.Count == 0;
    }

    /// <summary>Somebody does not agree that nobody is closer.</summary>
    public void OnRefused() => _answeredSince = Instant.Never;

    /// <summary>Tells whether an epoch is so far behind another that somebody has made it up.</summary>
    public static bool IsTooFar(uint epoch, uint known) => known > 0 && epoch > known && epoch - known > EpochsAheadMax;

    /// <summary>Looks what the answers allow.</summary>
    /// <param name="own">What this node knows; null for nothing.</param>
    /// <param name="self">This node.</param>
    /// <param name="hasDeparted">Tells who has said farewell.</param>
    /// <param name="now">Now.</param>
    /// <param name="patienceFor">Tells for how long a majority is awaited.</param>
    public ClaimDecision Decide(RootRecord? own, NodeId self, Predicate<NodeId> hasDeparted, Instant now, Func<Quorum, TimeSpan> patienceFor)
    {
        if (own is { Last.Epoch: 0 })
        {
            // It was begun to fetch into, and there was nothing to be had.
            own = null;
        }

        var least = _known.Select(known => known.Epoch).Append(own?.KnownEpoch ?? 0).Where(epoch => epoch > 0).DefaultIfEmpty().Min();
        _known.RemoveAll(known => IsTooFar(known.Epoch, least) || IsTooFar(known.Standing.Epoch, least));
        _epochMax = _known.Select(known => known.Epoch).Append(own?.KnownEpoch ?? 0).Max();
        if (_isForVotes && _epochMax >= Epoch && ++_raises <= RaisesMax)
        {
            return ClaimDecision.Vote;
        }

        _raises = 0;
        (Best, IsFollowing) = (null, false);
        if (_known.Count == 0 && own is null && !_isUnknown)
        {
            (Quorum, IsBreak) = (Quorum.None, false);
            Epoch = Math.Max(Epoch, 1);
            return ClaimDecision.Lead;
        }

        var first = own?.Line ?? (_known is [var any, ..] ? any.Line : default);
        first = _known.Aggregate(first, (line, known) => known.Line.IsBefore(line) ? known.Line : line);
        if (_known.Count + (own is null ? 0 : 1) > 0 && Carries(first, own, self, hasDeparted))
        {
            return Lead(first, isBreak: false, own, self);
        }

        // Who hears nobody has most likely been cut off, but for the last of two. Who hears somebody again will soon hear the others.
        var isLastOfTwo = Quorum.Nodes.Length <= 2 && !_isUnknown;
        _answeredSince = isLastOfTwo ? BeganAt : !IsAnswered || _isUnknown ? Instant.Never : _answeredSince < Instant.Never ? _answeredSince : now;
        if (_answeredSince == Instant.Never || now - _answeredSince < patienceFor(Quorum) || (_isForVotes && _epochMax >= Epoch))
        {
            return ClaimDecision.Wait;
        }

        // No majority can tell what was safe: the longest record loses least.
        var longest = _known.Select(known => (known.Standing.Number, known.Line)).Append((own?.Last.Number ?? 0, own?.Line ?? first)).Aggregate(
            (most, next) => next.Item1 > most.Item1 || (next.Item1 == most.Item1 && next.Item2.IsBefore(most.Item2)) ? next : most);
        return Lead(longest.Item2, isBreak: !Carries(longest.Item2, own, self, hasDeparted), own, self);
    }

    /// <summary>
    /// Who decides in the epoch that begins: who did before, without one that has said farewell; where nobody did or no majority of them is left, who has answered, of whom those count that are closest to the group's id.
    /// </summary>
    public NodeHandle[] NodesOf(NodeHandle self, int countMax) =>
        Quorum.Nodes.Length > 0 && !IsBreak ? [.. Quorum.Nodes.Where(node => node.Id != _departed)]
        : [self, .. (IsBreak ? _known.Select(known => known.Node) : _granted).OrderBy(node => node.Id.DistanceTo(group.Key)).Take(countMax - 1)];

    /// <summary>What the best one gave turned out wrong, or it gave nothing.</summary>
    public void DropBest()
    {
        if (Best is { } best)
        {
            _dropped.Add(best.Node.Id);
            _known.RemoveAll(known => known.Node.Equals(best.Node));
        }

        (Best, IsFetching, IsFollowing, Attempts) = (null, false, false, 0);
    }

    /// <summary>Tells whether a majority of those who decide in a line have voted, and with that told what they have.</summary>
    private bool Carries(EpochLine line, RootRecord? own, NodeId self, Predicate<NodeId> hasDeparted)
    {
        Quorum = own is not null && own.Line == line ? own.Quorum : Quorum.None;
        foreach (var known in _known)
        {
            Quorum = known.Line == line && known.Quorum.Version > Quorum.Version ? known.Quorum : Quorum;
        }

        var votes = own is not null && own.Line == line && Quorum.Contains(self) ? 1 : 0;
        foreach (var known in _known)
        {
            votes += known.Line == line && (!_isForVotes || known.Epoch < Epoch) && Quorum.Contains(known.Node.Id) ? 1 : 0;
        }

        var departed = Array.FindIndex(Quorum.Nodes, node => hasDeparted(node.Id));
        _departed = departed < 0 ? null : Quorum.Nodes[departed].Id;
        return Quorum.IsMajority(votes, _departed is null ? 0 : 1);
    }

    private ClaimDecision Lead(EpochLine line, bool isBreak, RootRecord? own, NodeId self)
    {
        if (!_isForVotes)
        {
            return ClaimDecision.Vote;
        }

        IsBreak = isBreak;
        foreach (var known in _known)
        {
            if (known.Line == line && MayTell(known.Node.Id) && (Best is null || known.Standing > Best.Value.Standing))
            {
                Best = known;
            }
        }

        if (own is not null && own.Line == line && (Best is null || own.Standing == Best.Value.Standing || (MayTell(self) && own.Standing > Best.Value.Standing)))
        {
            Best = null;
        }

        return ClaimDecision.Lead;
    }

    /// <summary>Tells whether what a node has may count: what is safe a majority of those who decide has, and others may keep what somebody has made up.</summary>
    private bool MayTell(NodeId node) => IsBreak || Quorum.Nodes.Length == 0 || Quorum.Contains(node);

    /// <summary>Is what a node has told of itself.</summary>
    /// <param name="Node">The node.</param>
    /// <param name="Certificate">The group's certificate.</param>
    /// <param name="Standing">How much it has.</param>
    /// <param name="Epoch">The latest epoch that it knows, but for the one that it votes for.</param>
    /// <param name="Line">The line that it follows.</param>
    /// <param name="Quorum">Of whom a majority decides, as far as it knows.</param>
    public readonly record struct Answer(NodeHandle Node, GroupCertificate Certificate, GroupPosition Standing, uint Epoch, EpochLine Line, Quorum Quorum);
}

/// <summary>Says how a claim goes on.</summary>
internal enum ClaimDecision
{
    /// <summary>It is time to ask for votes, or for such for a later epoch.</summary>
    Vote,

    /// <summary>There is no majority yet.</summary>
    Wait,

    /// <summary>The epoch begins, with what the best one has.</summary>
    Lead,
}
