using P2P.Pastry;

namespace P2P.Scribe.Protocol;

/// <summary>Is a node's place in the tree of one group.</summary>
internal sealed class GroupState(GroupId id)
{
    public GroupId Id => id;

    /// <summary>How the group works; known once the node is grafted.</summary>
    public GroupCertificate? Certificate { get; set; }

    public TreeStage Stage { get; set; }

    /// <summary>Who has been asked to be this node's parent, or is.</summary>
    public NodeHandle? Parent { get; set; }

    /// <summary>Tells the answer to this node's last request.</summary>
    public uint Nonce { get; set; }

    /// <summary>When the answer counts as missing, or a pause ends.</summary>
    public Instant Deadline { get; set; } = Instant.Never;

    /// <summary>Who is to be asked next, where the way over the ring is not to be taken.</summary>
    public NodeHandle? Preferred { get; set; }

    /// <summary>Who is above this node, its parent first, shortened to 64 bits each.</summary>
    public ulong[] Path { get; set; } = [];

    public List<Child> Children { get; } = [];

    /// <summary>How many memberships users of this node have.</summary>
    public int MemberCount { get; set; }

    /// <summary>How many of them take anycasts.</summary>
    public int TakerCount { get; set; }

    public bool IsMember => MemberCount > 0;

    /// <summary>What allows the node, or a child that it goes on for, to join.</summary>
    public GroupCapability? Capability { get; set; }

    /// <summary>How much its members want of what was published before they joined.</summary>
    public HistoryWish History { get; set; }

    /// <summary>The users who wait to be members.</summary>
    public List<PendingJoin> Joins { get; } = [];

    /// <summary>The group's ordered streams: one, where the rendezvous point orders them, else one an author.</summary>
    public Dictionary<NodeId, OrderedStream> Streams { get; } = [];

    /// <summary>What each author has sent, where messages crawl.</summary>
    public AuthorRates Rates { get; } = new();

    /// <summary>How often each author has asked for any member.</summary>
    public AuthorRates AnycastRates { get; } = new();

    /// <summary>The last batch of each author that is not ordered.</summary>
    public LooseMarks Marks { get; } = new();

    /// <summary>Batches whose signatures are being verified, in the order in which they came.</summary>
    public Queue<CheckedBatch> Checks { get; } = [];

    /// <summary>What is not ordered, for neighbours that are behind; null until one is.</summary>
    public Backlog? Backlog { get; set; }

    /// <summary>What users of this node publish where messages crawl, until the neighbours can take it.</summary>
    public Queue<Wire.BatchMessage> Own { get; } = [];

    /// <summary>Authors that are not told that they may go on while this node's children can't take more, and their last marks.</summary>
    public SortedDictionary<NodeId, (NodeHandle Node, ulong Mark)> Authors { get; } = [];

    /// <summary>What is known of whether the parent passes on what it should.</summary>
    public ParentWatch Watch { get; } = new();

    /// <summary>In how many more heartbeats children are told how far the streams have come.</summary>
    public int DigestsDue { get; set; }

    public bool IsAttached => Stage is TreeStage.Grafted or TreeStage.Root;

    public bool IsNeeded => IsMember || Joins.Count > 0 || Children.Count > 0;

    public bool Crawls => Certificate?.Policy.Dissemination == Dissemination.Crawling;

    public int ChildIndex(NodeId node) => Children.FindIndex(child => child.Node.Id == node);

    /// <summary>Shortens the id of a node for paths. Two nodes with the same short id are as likely as a collision of 64 bits, and cost a detour.</summary>
    public static ulong Shorten(NodeId node) => (ulong)(node.Value >> 64);
}

/// <summary>Says where a node is on its way into a tree.</summary>
internal enum TreeStage
{
    /// <summary>It looks for somebody to ask, or pauses.</summary>
    Seeking,

    /// <summary>It has asked, and awaits the answer.</summary>
    Asked,

    /// <summary>Who was asked looks for its own place; or this node may be the rendezvous point, and asks others what they know.</summary>
    Waiting,

    /// <summary>It has a parent.</summary>
    Grafted,

    /// <summary>It is the rendezvous point.</summary>
    Root,
}

/// <summary>Is a child in the tree of a group.</summary>
/// <param name="Node">The child.</param>
/// <param name="Nonce">The request that it waits for the answer to; 0 where it has it.</param>
/// <param name="HasCertificate">Whether it has the group's certificate.</param>
/// <param name="HistoryAge">How old what was published before may be that it wants.</param>
/// <param name="Capability">What it has shown to join, while it waits: who is not in the tree yet does not know whether an invitation is needed.</param>
internal readonly record struct Child(NodeHandle Node, uint Nonce, bool HasCertificate, TimeSpan HistoryAge, GroupCapability? Capability);

/// <summary>Is a user who waits to be a member.</summary>
internal readonly record struct PendingJoin(ulong Operation, bool TakesAnycasts, Instant Deadline);

/// <summary>Is a batch whose signature is being verified, and what allows its author to publish.</summary>
internal sealed record CheckedBatch(ulong Ticket, Wire.BatchMessage Batch, NodeHandle From, bool IsPublication)
{
    /// <summary>What was found; null until it was.</summary>
    public Verdict? Verdict { get; set; }
}
