using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Watches the neighbours in all trees together: whoever is anybody's child is told that this node lives, and whoever is anybody's parent has to say so. A node
/// that keeps a rendezvous point's state watches that in the same way.
/// </summary>
internal sealed class TreeLinks(ScribeOptions options)
{
    /// <summary>A child says after so many of its parent's heartbeats that it lives, and is given up after so many of its own.</summary>
    private const int ChildTurns = 4, ChildSilenceMax = 5;

    private readonly Dictionary<NodeId, TreeLink> _links = [];
    private long _turn;

    public IEnumerable<TreeLink> All => _links.Values;

    public bool IsEmpty => _links.Count == 0;

    public TreeLink? Find(NodeId node) => _links.GetValueOrDefault(node);

    /// <summary>Notes that a neighbour has said something.</summary>
    public void Heard(NodeHandle from, Instant now)
    {
        if (_links.TryGetValue(from.Id, out var link))
        {
            link.HeardAt = now;
        }
    }

    public void AddChild(NodeHandle node, GroupId group, Instant now) => Get(node, now).ChildIn.Add(group);

    public void AddParent(NodeHandle node, GroupId group, Instant now) => Get(node, now).ParentIn.Add(group);

    public void Remove(NodeId node, GroupId group, bool isChild)
    {
        if (_links.TryGetValue(node, out var link))
        {
            (isChild ? link.ChildIn : link.ParentIn).Remove(group);
            link.Lags.Remove(group);
            RemoveIfIdle(link);
        }
    }

    /// <summary>Watches, or does not watch any more, the rendezvous point of a group whose state this node keeps; or tells such a keeper that this node lives.</summary>
    public void Guard(NodeHandle node, bool isKeeper, int change, Instant now)
    {
        var link = Get(node, now);
        if (isKeeper)
        {
            link.KeeperCount += change;
        }
        else
        {
            link.RootCount += change;
        }

        RemoveIfIdle(link);
    }

    /// <summary>Does what is due in each interval.</summary>
    /// <param name="digestsFor">Gives what a child is told of its groups' streams.</param>
    /// <param name="behindFor">Gives the groups of a child in which this node lacks something itself.</param>
    /// <param name="overlay">The overlay.</param>
    /// <returns>Who has been silent for too long.</returns>
    public List<TreeLink> Beat(Func<TreeLink, (GroupId, StreamDigest)[]> digestsFor, Func<TreeLink, GroupId[]> behindFor, IOverlay overlay)
    {
        _turn++;
        var silent = new List<TreeLink>();
        foreach (var link in _links.Values)
        {
            var silence = overlay.Now - link.HeardAt;
            if ((link.IsFollowed && silence > options.FailureTimeout) || (!link.IsFollowed && silence > ChildTurns * ChildSilenceMax * options.HeartbeatInterval))
            {
                silent.Add(link);
                continue;
            }

            var digests = link.ChildIn.Count > 0 ? digestsFor(link) : [];
            var behind = link.ChildIn.Count > 0 ? behindFor(link) : [];
            var isDue = link.ChildIn.Count > 0 || link.KeeperCount > 0 || link.RootCount > 0 || _turn % ChildTurns == 0;
            if (isDue && (digests.Length > 0 || behind.Length > 0 || overlay.Now - link.SentAt >= 0.9 * options.HeartbeatInterval || link.IsUnclear))
            {
                Send(link, new Heartbeat(link.ChildIn.Count, link.ChildIn.Hash, digests, behind), overlay);
                link.IsUnclear = false;
            }
        }

        return silent;
    }

    /// <summary>Sends a message, which tells a neighbour that this node lives as a heartbeat does.</summary>
    public void Send(NodeHandle to, ScribeMessage message, IOverlay overlay)
    {
        if (_links.TryGetValue(to.Id, out var link))
        {
            link.SentAt = overlay.Now;
        }

        overlay.Send(to, Payload.FromContent(message));
    }

    /// <summary>Sends a message to a neighbour.</summary>
    public static void Send(TreeLink link, ScribeMessage message, IOverlay overlay)
    {
        link.SentAt = overlay.Now;
        overlay.Send(link.Node, Payload.FromContent(message));
    }

    private TreeLink Get(NodeHandle node, Instant now)
    {
        if (!_links.TryGetValue(node.Id, out var link))
        {
            _links.Add(node.Id, link = new TreeLink(node, options.WindowBytes) { HeardAt = now });
        }

        link.Node = node;
        return link;
    }

    private void RemoveIfIdle(TreeLink link)
    {
        if (link.ChildIn.Count == 0 && link.ParentIn.Count == 0 && link.KeeperCount == 0 && link.RootCount == 0)
        {
            _links.Remove(link.Node.Id);
        }
    }
}

/// <summary>Is what a node has to do with a neighbour, in all groups.</summary>
internal sealed class TreeLink(NodeHandle node, int window)
{
    public NodeHandle Node { get; set; } = node;

    /// <summary>The groups in which the neighbour is this node's child.</summary>
    public GroupSet ChildIn { get; } = new();

    /// <summary>The groups in which the neighbour is this node's parent.</summary>
    public GroupSet ParentIn { get; } = new();

    /// <summary>For how many groups the neighbour keeps this node's state.</summary>
    public int KeeperCount { get; set; }

    /// <summary>For how many groups this node keeps the neighbour's state.</summary>
    public int RootCount { get; set; }

    public Instant HeardAt { get; set; }

    public Instant SentAt { get; set; }

    /// <summary>What is under way to the neighbour.</summary>
    public LinkFlow Flow { get; } = new(window);

    /// <summary>The groups in which the neighbour is behind.</summary>
    public Dictionary<GroupId, Lag> Lags { get; } = [];

    /// <summary>Counts the turns of those groups.</summary>
    public int Turn { get; set; }

    /// <summary>Whether groups have changed, so that the neighbour is to compare.</summary>
    public bool IsUnclear { get; set; }

    /// <summary>How many heartbeats in a row named other groups than this node has.</summary>
    public int Mismatches { get; set; }

    /// <summary>Whether this node depends on the neighbour.</summary>
    public bool IsFollowed => ParentIn.Count > 0 || RootCount > 0;
}

/// <summary>Is a set of groups that two neighbours can compare.</summary>
internal sealed class GroupSet
{
    private readonly HashSet<GroupId> _groups = [];

    public int Count => _groups.Count;

    /// <summary>The exclusive or of the ids' low halves.</summary>
    public ulong Hash { get; private set; }

    public bool Contains(GroupId group) => _groups.Contains(group);

    public void Add(GroupId group)
    {
        if (_groups.Add(group))
        {
            Hash ^= (ulong)group.Key.Value;
        }
    }

    public void Remove(GroupId group)
    {
        if (_groups.Remove(group))
        {
            Hash ^= (ulong)group.Key.Value;
        }
    }

    /// <summary>Lists the groups as they are now, in the order of their ids.</summary>
    public GroupId[] ToArray() => [.. _groups.Order()];
}
