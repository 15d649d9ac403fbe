using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Is the state of a group's rendezvous point, at the node that is it and at those next to it that keep it (SCRIBE §3.4): the group's certificate, how far its
/// order has come, what of it can be replayed, and the last batch of each author.
/// </summary>
internal sealed class RootRecord(GroupCertificate certificate)
{
    private const int AuthorsMax = RecordUpdate.AuthorsMax;

    private readonly Dictionary<NodeId, AuthorMark> _authors = [];

    public GroupId Group => Certificate.Id;

    public GroupCertificate Certificate { get; } = certificate;

    public RootRole Role { get; set; }

    /// <summary>The place of the last batch, without a hole before it.</summary>
    public GroupPosition Last { get; private set; }

    public ulong EpochStart { get; private set; } = 1;

    public BatchHistory History { get; } = new(certificate.Policy.HistoryCount, certificate.Policy.HistoryDuration);

    public IReadOnlyCollection<AuthorMark> Authors => _authors.Values;

    /// <summary>The rendezvous point, as far as a keeper knows.</summary>
    public NodeHandle? Root { get; set; }

    /// <summary>Who was promised to become the rendezvous point, and until when.</summary>
    public (NodeId To, Instant Until) Promise { get; set; }

    /// <summary>Those who keep the state for this node, which is the rendezvous point.</summary>
    public List<Keeper> Keepers { get; } = [];

    /// <summary>Publications that keepers do not have yet.</summary>
    public Queue<PendingPublication> Pending { get; } = [];

    /// <summary>Who waits to hear that the group has begun.</summary>
    public List<(NodeHandle Client, ulong Operation)> Creators { get; } = [];

    /// <summary>How much each author may publish now.</summary>
    public AuthorRates Rates { get; } = new();

    /// <summary>Begins an epoch behind everything that is known.</summary>
    public void BeginEpoch(uint epoch)
    {
        EpochStart = Last.Number + 1;
        Last = new GroupPosition(epoch, Last.Number);
    }

    /// <summary>Follows a rendezvous point into its epoch.</summary>
    public void Follow(GroupPosition last, ulong epochStart, ulong first)
    {
        if (last.Epoch > Last.Epoch)
        {
            // What this node has beyond the begin of the epoch was never acknowledged.
            History.Truncate(epochStart);
            EpochStart = epochStart;
            Last = new GroupPosition(last.Epoch, Math.Min(Last.Number, epochStart - 1));
        }

        if (Last.Number + 1 < first)
        {
            History.Reset(first);
            Last = new GroupPosition(Last.Epoch, first - 1);
        }
    }

    /// <summary>Gives a batch the next place.</summary>
    public BatchMessage Append(SignedBatch batch, Instant now)
    {
        var message = new BatchMessage(ScribeMessageKind.Batch, batch, new GroupPosition(Last.Epoch, Last.Number + 1), EpochStart, isReplay: false);
        Keep(message, now);
        return message;
    }

    /// <summary>Keeps a batch that the rendezvous point has given its place.</summary>
    /// <returns>False where one before it is missing.</returns>
    public bool Keep(BatchMessage message, Instant now)
    {
        if (message.Position.Number > Last.Number + 1)
        {
            return false;
        }

        if (message.Position.Number == Last.Number + 1)
        {
            Last = new GroupPosition(Last.Epoch, message.Position.Number);
            History.Add(message, now);
            Mark(new AuthorMark(message.Batch.Author.NodeId, message.Batch.AuthorPosition, message.Position));
        }

        return true;
    }

    public AuthorMark? MarkOf(NodeId author) => _authors.TryGetValue(author, out var mark) ? mark : null;

    public void Mark(AuthorMark mark)
    {
        if (_authors.TryGetValue(mark.Author, out var old) ? old.Last >= mark.Last : _authors.Count >= AuthorsMax && !MakeRoom())
        {
            return;
        }

        _authors[mark.Author] = mark;
    }

    private bool MakeRoom() => _authors.Remove(_authors.MinBy(author => author.Value.Position).Key);
}

/// <summary>Says what a node is for a group's state.</summary>
internal enum RootRole
{
    /// <summary>It keeps the state for the rendezvous point.</summary>
    Keeper,

    /// <summary>It is the rendezvous point.</summary>
    Root,

    /// <summary>It was the rendezvous point, and waits for another to take over.</summary>
    Yielding,
}

/// <summary>Is a node that keeps a rendezvous point's state, as that sees it.</summary>
internal sealed class Keeper(NodeHandle node)
{
    public NodeHandle Node => node;

    /// <summary>How far its copy goes; none until it has answered.</summary>
    public GroupPosition Acknowledged { get; set; }

    /// <summary>The number of the last batch that was sent to it.</summary>
    public ulong SentUpTo { get; set; }

    /// <summary>Since when it owes an answer.</summary>
    public Instant OwesSince { get; set; } = Instant.Never;

    /// <summary>Whether it is waited for: it is not, once it has been silent for too long.</summary>
    public bool Counts { get; set; } = true;
}

/// <summary>Is a publication whose author waits for it to be safe.</summary>
internal readonly record struct PendingPublication(GroupPosition Position, NodeHandle Client, NodeId Author, GroupPosition AuthorPosition);
