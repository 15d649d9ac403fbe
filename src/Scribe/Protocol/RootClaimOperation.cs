using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Is a node's attempt to become the rendezvous point of a group: it asks those next to the group's id what they know and not to follow anybody else
/// meanwhile; fetches what it lacks from who has most; and only then acts.
/// </summary>
internal sealed class RootClaimOperation(GroupId group, uint nonce, IReadOnlyList<NodeHandle> asked, Instant deadline)
{
    /// <summary>
    /// How many epochs one that tells the truth may be ahead of another: each change of the rendezvous point is one. A lie within that costs a takeover each time, and can't
    /// use epochs up.
    /// </summary>
    private const uint EpochsAheadMax = 1024;

    private readonly List<NodeHandle> _awaited = [.. asked];
    private readonly List<(NodeHandle Node, GroupCertificate Certificate, GroupPosition Last)> _known = [];

    public GroupId Group => group;

    public uint Nonce => nonce;

    public Instant Deadline { get; set; } = deadline;

    /// <summary>Who has not answered.</summary>
    public IReadOnlyList<NodeHandle> Silent => _awaited;

    /// <summary>Whether anybody has answered: else this node may be cut off.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>The latest epoch that anybody knows of.</summary>
    public uint EpochMax { get; private set; }

    /// <summary>Who knows most, and how much.</summary>
    public (NodeHandle Node, GroupCertificate Certificate, GroupPosition Last)? Best { get; private set; }

    /// <summary>Whether what is lacking is being fetched.</summary>
    public bool IsFetching { get; set; }

    /// <summary>How often it was asked for without getting any further.</summary>
    public int Attempts { get; set; }

    /// <summary>Certificates of groups that are to begin here if there are none.</summary>
    public List<(NodeHandle Client, ulong Operation, GroupCertificate Certificate)> Creations { get; } = [];

    /// <summary>Nodes that look for the rendezvous point.</summary>
    public List<NodeHandle> Searches { get; } = [];

    /// <returns>True where all have answered.</returns>
    public bool OnPromise(NodeHandle from, RootPromise promise)
    {
        IsAnswered = true;
        if (_awaited.RemoveAll(node => node.Id == from.Id) > 0 && promise.Certificate is { } certificate && certificate.Id == group)
        {
            _known.Add((from, certificate, promise.Last));
        }

        return _awaited.Count == 0;
    }

    /// <summary>Tells whether an epoch is so far behind another that somebody has made it up.</summary>
    public static bool IsTooFar(uint epoch, uint known) => known > 0 && epoch > known && epoch - known > EpochsAheadMax;

    /// <summary>Looks who knows most, of those that are not too far from all others.</summary>
    /// <param name="own">The epoch that this node knows; 0 for none.</param>
    public void Choose(uint own)
    {
        var least = _known.Select(known => known.Last.Epoch).Append(own).Where(epoch => epoch > 0).DefaultIfEmpty().Min();
        _known.RemoveAll(known => IsTooFar(known.Last.Epoch, least));
        Best = _known.Count == 0 ? null : _known.MaxBy(known => known.Last);
        EpochMax = Math.Max(EpochMax, Best?.Last.Epoch ?? 0);
    }

    /// <summary>What the best one gave turned out wrong, or it gave nothing.</summary>
    public void DropBest()
    {
        _known.RemoveAll(known => known.Node.Equals(Best?.Node));
        (Best, IsFetching, Attempts) = (null, false, 0);
    }
}
