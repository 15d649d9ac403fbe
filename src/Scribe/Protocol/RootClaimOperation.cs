using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Is a node's attempt to become the rendezvous point of a group: it asks those next to the group's id what they know and not to follow anybody else
/// meanwhile; fetches what it lacks from who has most; and only then acts.
/// </summary>
internal sealed class RootClaimOperation(GroupId group, uint nonce, IReadOnlyList<NodeHandle> asked, Instant deadline)
{
    private readonly List<NodeHandle> _awaited = [.. asked];

    public GroupId Group => group;

    public uint Nonce => nonce;

    public Instant Deadline { get; set; } = deadline;

    /// <summary>Who has not answered.</summary>
    public IReadOnlyList<NodeHandle> Silent => _awaited;

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
        _awaited.RemoveAll(node => node.Id == from.Id);
        if (promise.Certificate is { } certificate && certificate.Id == group && (Best is not { } best || promise.Last > best.Last))
        {
            Best = (from, certificate, promise.Last);
        }

        return _awaited.Count == 0;
    }

    /// <summary>What the best one gave turned out wrong.</summary>
    public void DropBest() => Best = null;
}
