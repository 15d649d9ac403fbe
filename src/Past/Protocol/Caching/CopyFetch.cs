using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>Is the fetching of one copy because a search has passed by: from a hint to its being kept.</summary>
internal sealed class CopyFetch(ulong operation, FileId fileId, long length, NodeHandle source, NodeId hintedBy)
{
    /// <summary>The nodes from which the searches came, and who are told when the copy is there.</summary>
    private readonly List<NodeHandle> _waiting = [];

    public ulong Operation => operation;

    public FileId FileId => fileId;

    /// <summary>The content's length, as the hint says.</summary>
    public long Length => length;

    public NodeHandle Source => source;

    public NodeId HintedBy => hintedBy;

    public IReadOnlyList<NodeHandle> Waiting => _waiting;

    /// <summary>Tells whether the source has answered; what comes then is the shell's, which always ends.</summary>
    public bool IsAnswered { get; set; }

    /// <summary>How long ago the content left a replica, as the source says.</summary>
    public TimeSpan Age { get; set; }

    public void Await(IEnumerable<NodeHandle> nodes)
    {
        foreach (var node in nodes)
        {
            if (_waiting.Count < SearchTrails.FileMax && !_waiting.Exists(waiting => waiting.Id == node.Id))
            {
                _waiting.Add(node);
            }
        }
    }
}
