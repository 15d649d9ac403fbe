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
    private readonly List<EpochBegin> _epochs = [];

    public GroupId Group => Certificate.Id;

    public GroupCertificate Certificate { get; } = certificate;

    public RootRole Role { get; set; }

    /// <summary>The place of the last batch, without a hole before it.</summary>
    public GroupPosition Last { get; private set; }

    public ulong EpochStart { get; private set; } = 1;

    public BatchHistory History { get; } = new(certificate.Policy.HistoryCount, certificate.Policy.HistoryDuration);

    public IReadOnlyCollection<AuthorMark> Authors => _authors.Values;

    /// <summary>The latest life of an author whose last batch was forgotten here.</summary>
    public uint EvictedEpoch { get; private set; }

    /// <summary>Up to which life authors that are not known are not believed that they have said nothing yet: what they said may be known no more, and anybody can say it again.</summary>
    public uint ForgottenEpoch { get; set; }

    /// <summary>Of whom a majority decides.</summary>
    public Quorum Quorum { get; set; } = Quorum.None;

    /// <summary>The line of epochs that is followed.</summary>
    public EpochLine Line { get; private set; }

    /// <summary>The last epochs, the present one last.</summary>
    public IReadOnlyList<EpochBegin> Epochs => _epochs;

    /// <summary>The rendezvous point, as far as a keeper knows.</summary>
    public NodeHandle? Root { get; set; }

    /// <summary>When a rendezvous point was last heard of that gave this node something to keep.</summary>
    public Instant FollowedAt { get; set; }

    /// <summary>Who was promised to become the rendezvous point, and until when.</summary>
    public (NodeId To, Instant Until) Promise { get; set; }

    /// <summary>For which epoch this node has voted last, and for whom in it: it takes nothing of an earlier one.</summary>
    public (uint Epoch, NodeId For) Vote { get; set; }

    /// <summary>The latest epoch that this node knows of.</summary>
    public uint KnownEpoch => Math.Max(Last.Epoch, Vote.Epoch);

    /// <summary>
    /// How much there is here: the last epoch of which there is all that was before, and the number of the last batch. Whoever has more of it than each of a majority has all
    /// that is safe: what counts is not which epoch was heard of, but up to which one nothing is missing.
    /// </summary>
    public GroupPosition Standing
    {
        get
        {
            var last = _epochs.FindLastIndex(epoch => epoch.Start <= Last.Number + 1);
            return last < 0 ? Last : new GroupPosition(_epochs[last].Epoch, Last.Number);
        }
    }

    /// <summary>Those who keep the state for this node, which is the rendezvous point.</summary>
    public List<Keeper> Keepers { get; } = [];

    /// <summary>Whom this rendezvous point has added to those who decide, until a majority knows it.</summary>
    public NodeId? Added { get; set; }

    /// <summary>Since when there is no majority that answers.</summary>
    public Instant AloneSince { get; set; } = Instant.Never;

    /// <summary>Publications that keepers do not have yet.</summary>
    public Queue<PendingPublication> Pending { get; } = [];

    /// <summary>Who waits to hear that the group has begun.</summary>
    public List<(NodeHandle Client, ulong Operation)> Creators { get; } = [];

    /// <summary>How much each author may publish now.</summary>
    public AuthorRates Rates { get; } = new();

    /// <summary>Up to which number all is safe.</summary>
    public ulong Safe { get; set; }

    /// <summary>Begins an epoch behind everything that is known.</summary>
    /// <param name="epoch">The epoch.</param>
    /// <param name="self">This node.</param>
    /// <param name="isBreak">Whether it begins without a majority of those who decided till now, and so another line.</param>
    /// <param name="nodes">Who decides from now on.</param>
    public void BeginEpoch(uint epoch, NodeId self, bool isBreak, NodeHandle[] nodes)
    {
        EpochStart = Last.Number + 1;
        Last = new GroupPosition(epoch, Last.Number);
        _epochs.Add(new EpochBegin(epoch, self, EpochStart));
        if (_epochs.Count > EpochBegin.CountMax)
        {
            _epochs.RemoveAt(0);
        }

        Line = isBreak ? new EpochLine(Line.Breaks + 1, epoch, self) : Line;
        Quorum = new Quorum(new GroupPosition(epoch, 1), nodes);
        (Added, Safe, AloneSince) = (null, 0, Instant.Never);
        DropMarksBeyond();
    }

    /// <summary>Tells whether the record is of the same epoch, begun by the same node, as another's.</summary>
    public bool IsOfSameEpoch(RecordUpdate update) =>
        update.Last.Epoch == Last.Epoch && (update.Epochs is not [.., var theirs] || _epochs is not [.., var own] || own.IsSameEpoch(theirs));

    /// <summary>Follows a rendezvous point, or one that is about to be, into its epoch.</summary>
    public void Follow(RecordUpdate update)
    {
        if (!IsOfSameEpoch(update))
        {
            // What this node has beyond what both have is not what became of the group.
            // Who does not know of epochs takes it that all before its own is the same.
            var shared = Math.Min(update.Epochs is [] ? update.EpochStart - 1 : EpochBegin.SharedUpTo(_epochs, update.Epochs) ?? 0, Last.Number);
            History.Truncate(shared + 1);
            EpochStart = update.EpochStart;
            Last = new GroupPosition(update.Last.Epoch, shared);
            _epochs.Clear();
            _epochs.AddRange(update.Epochs);
            Line = update.Line;
            Quorum = update.Quorum;
            DropMarksBeyond();
        }
        else if (update.Quorum.Version > Quorum.Version)
        {
            Quorum = update.Quorum;
        }

        if (Last.Number + 1 < update.First)
        {
            History.Reset(update.First);
            Last = new GroupPosition(Last.Epoch, update.First - 1);
        }

        ForgottenEpoch = Math.Max(ForgottenEpoch, update.ForgottenEpoch);
        foreach (var author in update.Authors)
        {
            // What is beyond comes with its batch: until then this node has not got it.
            if (author.Position.Number <= Last.Number)
            {
                Mark(author);
            }
        }
    }

    /// <summary>Tells whether a batch can have its number in the epoch that its place names.</summary>
    public bool Fits(GroupPosition position)
    {
        var index = _epochs.FindLastIndex(epoch => epoch.Start <= position.Number);
        return index < 0 || _epochs[index].Epoch == position.Epoch;
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

    /// <summary>What is not here any more has not been taken of its author, but what was before it has.</summary>
    private void DropMarksBeyond()
    {
        foreach (var mark in _authors.Values.Where(mark => mark.Position.Number > Last.Number).ToArray())
        {
            _authors.Remove(mark.Author);
        }

        for (var number = History.First; number < History.End; number++)
        {
            if (History.Find(number) is { } kept)
            {
                Mark(new AuthorMark(kept.Batch.Author.NodeId, kept.Batch.AuthorPosition, kept.Position));
            }
        }
    }

    private bool MakeRoom()
    {
        var oldest = _authors.Values.MinBy(mark => mark.Position);
        EvictedEpoch = Math.Max(EvictedEpoch, oldest.Last.Epoch);
        return _authors.Remove(oldest.Author);
    }
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

    /// <summary>The last set of nodes that decide that it knows.</summary>
    public GroupPosition QuorumVersion { get; set; }

    /// <summary>When it was told of the present one.</summary>
    public Instant ToldAt { get; set; }

    /// <summary>The number of the last batch that was sent to it.</summary>
    public ulong SentUpTo { get; set; }

    /// <summary>Since when it owes an answer.</summary>
    public Instant OwesSince { get; set; } = Instant.Never;

    /// <summary>Whether it is waited for: it is not, once it has been silent for too long.</summary>
    public bool Counts { get; set; } = true;
}

/// <summary>Is a publication whose author waits for it to be safe.</summary>
internal readonly record struct PendingPublication(GroupPosition Position, NodeHandle Client, NodeId Author, GroupPosition AuthorPosition);
