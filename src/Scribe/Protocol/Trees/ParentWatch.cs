using P2P.Pastry;

namespace P2P.Scribe.Protocol;

/// <summary>Is what a node knows of whether its parent in a group passes on what it should.</summary>
internal sealed class ParentWatch
{
    private const int AuthorsMax = 1024;

    private Dictionary<NodeId, GroupPosition>? _heard;

    /// <summary>When the next batch in order came last, or a new parent.</summary>
    public Instant MovedAt { get; private set; }

    /// <summary>Since when this node knows that it lacks something; never where it knows of nothing.</summary>
    public Instant BehindSince { get; private set; } = Instant.Never;

    /// <summary>When the parent said last that it lacks something itself.</summary>
    public Instant ParentBehindAt { get; set; } = new(long.MinValue / 2);

    /// <summary>A batch that somebody off the way has shown, and that has not come.</summary>
    public (NodeId Author, GroupPosition AuthorPosition)? Shown { get; private set; }

    /// <summary>Who was asked last whether there is anything new, and has shown nothing yet.</summary>
    public List<NodeHandle> Witnesses { get; } = [];

    /// <summary>How often one that was asked has named another since.</summary>
    public int Steps { get; set; }

    /// <summary>How often somebody was asked since the last batch came, and when last.</summary>
    public (int Count, Instant At) Asked { get; set; }

    /// <summary>How many parents were left since the last batch came.</summary>
    public int LeftCount { get; set; }

    /// <summary>How many parents were refused, since the last one was taken, because their way up leads over who was left.</summary>
    public int RefusedCount { get; set; }

    /// <summary>Since when those that are asked say that this node has no place in the group; never where it has one.</summary>
    public Instant DeniedSince { get; set; } = Instant.Never;

    /// <summary>The next batch in order has come.</summary>
    public void Hear(NodeId author, GroupPosition authorPosition, Instant now)
    {
        _heard ??= [];
        if (_heard.Count >= AuthorsMax && !_heard.ContainsKey(author))
        {
            _heard.Clear();
        }

        _heard[author] = authorPosition;
        if (Shown is { } shown && HasHeard(shown.Author, shown.AuthorPosition))
        {
            Shown = null;
        }

        MovedAt = now;
        Asked = default;
        LeftCount = 0;
    }

    public void BeginWithParent(Instant now)
    {
        MovedAt = now;
        Asked = default;
        ParentBehindAt = new(long.MinValue / 2);
    }

    /// <summary>Takes it that there is a batch that has not come.</summary>
    public void Show(NodeId author, GroupPosition authorPosition, Instant now)
    {
        if (!HasHeard(author, authorPosition))
        {
            Shown = (author, authorPosition);
            BehindSince = now < BehindSince ? now : BehindSince;
        }
    }

    /// <summary>Notes whether this node knows of something that it lacks.</summary>
    /// <returns>Whether it does.</returns>
    public bool NoteBehind(bool isMissing, Instant now)
    {
        var isBehind = isMissing || Shown is not null;
        BehindSince = !isBehind ? Instant.Never : now < BehindSince ? now : BehindSince;
        return isBehind;
    }

    private bool HasHeard(NodeId author, GroupPosition authorPosition) =>
        _heard is not null && _heard.TryGetValue(author, out var last) && last >= authorPosition;
}
