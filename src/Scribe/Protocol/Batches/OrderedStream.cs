using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Brings a stream of ordered batches into order at one node: keeps them for who asks again, knows which are missing, and gives each out once. The same at a
/// member and at a node that only forwards.
/// </summary>
internal sealed class OrderedStream(NodeId id, GroupPolicy policy)
{
    private readonly BatchHistory _history = new(policy.HistoryCount, policy.HistoryDuration);
    private GroupPosition _given;
    private ulong _quietBelow;
    private ulong _countedFrom;
    private ulong _rewoundUpTo;
    private Instant _startedAt;
    private Instant _oldest = Instant.Never;
    private EpochBegin[] _epochs = [];

    /// <summary>What was next to be given out when a batch told of an epoch that no digest has told of yet.</summary>
    private ulong _nextAtEntry = ulong.MaxValue;

    /// <summary>Zero for the stream that the rendezvous point orders, else the author.</summary>
    public NodeId Id => id;

    /// <summary>The number of the next batch that is to be given out.</summary>
    public ulong Next { get; private set; } = 1;

    /// <summary>The place of the last batch that is known to exist.</summary>
    public GroupPosition Last { get; private set; }

    /// <summary>The number with which its epoch began.</summary>
    public ulong EpochStart { get; private set; }

    /// <summary>Who sent the last batch: where missing ones are asked for.</summary>
    public NodeHandle? Source { get; set; }

    /// <summary>How often what is missing was asked for.</summary>
    public int Attempts { get; set; }

    /// <summary>Up to which number it was asked for last.</summary>
    public ulong AskedUpTo { get; set; }

    /// <summary>When it is asked for again.</summary>
    public Instant AskAgainAt { get; set; }

    /// <summary>Up to which number nobody above has anything.</summary>
    public ulong UnavailableUpTo { get; set; }

    /// <summary>The lowest number that may be kept.</summary>
    public ulong First => _history.First;

    public bool IsMissing => Next <= Last.Number;

    public StreamDigest Digest => new(id, Last, EpochStart) { Epochs = _epochs };

    /// <summary>Begins where others are, or before.</summary>
    /// <param name="digest">Where others are.</param>
    /// <param name="wish">How much of before is wanted.</param>
    /// <param name="since">The first batch that is as young as wanted, or one before; none where that is greater than the last.</param>
    /// <param name="now">Now.</param>
    public void Start(StreamDigest digest, HistoryWish wish, ulong since, Instant now)
    {
        Last = digest.Last;
        EpochStart = digest.EpochStart;
        _epochs = digest.Epochs;
        Next = digest.Last.Number + 1;
        _startedAt = now;
        GoBack(wish, since, now);
        _history.Reset(Next);
    }

    /// <summary>Gives out once more what the first member here wants of before.</summary>
    public void Rewind(HistoryWish wish, Instant now)
    {
        _rewoundUpTo = Next;
        GoBack(wish, wish.Age > TimeSpan.Zero ? FirstSince(now - wish.Age) : Next, now);
        _history.Reserve(Next);
        Attempts = 0;
        AskedUpTo = 0;
    }

    /// <summary>Learns how far others are.</summary>
    /// <returns>True where this node did not know.</returns>
    public bool Learn(in StreamDigest digest)
    {
        if (digest.Last.Epoch >= Last.Epoch)
        {
            GoBackToShared(digest);
        }

        if (digest.Last <= Last)
        {
            return false;
        }

        EnterEpoch(digest.Last.Epoch, digest.EpochStart);
        Last = digest.Last;
        return true;
    }

    /// <summary>
    /// A parent tells anew where it is. If that is not as far as this node has heard, and no batch has shown it, the last parent may have made it up: it is forgotten,
    /// and told again by this one where it is true.
    /// </summary>
    public void Doubt(in StreamDigest digest)
    {
        var shown = _history.FindLast();
        var known = Later(Later(_given, shown?.Position ?? default), digest.Last);
        if (known >= Last)
        {
            return;
        }

        if (known.Epoch != Last.Epoch)
        {
            EpochStart = known == digest.Last || shown is null ? digest.EpochStart : shown.EpochStart;
            Next = _given == default ? digest.Last.Number + 1 : _given.Number + 1;
        }

        Next = Math.Min(Next, Math.Max(_given.Number, digest.Last.Number) + 1);
        Last = known;
        _history.Truncate(known.Number + 1);
        UnavailableUpTo = Math.Min(UnavailableUpTo, known.Number);
        AskedUpTo = 0;
    }

    /// <summary>Tells whether a batch is one that this node lacks.</summary>
    public bool Wants(BatchMessage batch)
    {
        var (epoch, number) = (batch.Position.Epoch, batch.Position.Number);
        return number > 0
            && (epoch > Last.Epoch || ((epoch == Last.Epoch || number < EpochStart) && _history.Find(number) is null && (number >= Next || number >= First || batch.IsReplay)));
    }

    /// <summary>Takes a batch.</summary>
    /// <returns>True where this node lacked it.</returns>
    public bool Accept(BatchMessage batch, Instant now)
    {
        if (!Wants(batch))
        {
            return false;
        }

        EnterEpoch(batch.Position.Epoch, batch.EpochStart);
        if (batch.Position > Last)
        {
            Last = batch.Position;
        }

        var isNew = _history.Add(batch, now);
        if (Next < First)
        {
            // The history is shorter than the hole.
            Attempts = int.MaxValue;
        }

        return isNew;
    }

    /// <summary>Gives out the next batch in order, if it is there.</summary>
    public bool TryTake(out BatchMessage batch)
    {
        batch = _history.Find(Next)!;
        if (batch is null)
        {
            return false;
        }

        Next++;
        Attempts = 0;
        _given = batch.Position;
        return true;
    }

    public BatchMessage? Find(ulong number) => _history.Find(number);

    /// <summary>Finds the first number from this one on that is kept; the next one that is given out where none is.</summary>
    public ulong NextKept(ulong from) => _history.NextKept(from, Next);

    /// <summary>How long ago a batch was published that is kept, nearly.</summary>
    public TimeSpan AgeOf(ulong number, Instant now) => _history.AgeOf(number, now);

    /// <summary>Finds the first batch that was published since then, or one before where this node was not there yet.</summary>
    public ulong FirstSince(Instant since)
    {
        var first = _history.FirstSince(since, out var isCertain);
        return isCertain || since >= _startedAt ? first : 1;
    }

    /// <summary>Tells whether a batch that is given out is older than what members here have wanted of before.</summary>
    public bool IsTooOld(ulong number, Instant now) => number < _countedFrom && now - AgeOf(number, now) < _oldest;

    /// <summary>Gives the first hole: from the next batch up to the one before what is there.</summary>
    public (ulong From, ulong To) Hole() => (Next, _history.NextKept(Next, Last.Number + 1) - 1);

    /// <summary>Gives up what is missing up to a number.</summary>
    /// <returns>The numbers that are lost to a member; none where From is greater than To.</returns>
    public (ulong From, ulong To) Skip(ulong upTo)
    {
        var from = Math.Max(Next, _quietBelow);
        Next = Math.Max(Next, upTo + 1);
        Attempts = 0;
        return (from, upTo);
    }

    /// <summary>Tells whether a batch is wanted by members here only: who is below has had it, or has not wanted it.</summary>
    public bool IsForHere(ulong number) => number < _rewoundUpTo;

    private static GroupPosition Later(GroupPosition left, GroupPosition right) => left > right ? left : right;

    private void GoBack(HistoryWish wish, ulong since, Instant now)
    {
        var end = Next;
        var wanted = Math.Max((ulong)wish.Count, end - Math.Min(since, end));
        Next = end - Math.Min(Math.Min(wanted, (ulong)policy.HistoryCount), end - 1);
        _quietBelow = end;
        _countedFrom = end - Math.Min((ulong)wish.Count, end - 1);
        _oldest = wish.Age > TimeSpan.Zero ? now - wish.Age : Instant.Never;
    }

    /// <summary>
    /// What this node has may come from a rendezvous point that had been cut off, or from one that others took over from an epoch ago: where its epochs and those of the one above part,
    /// it begins again.
    /// </summary>
    private void GoBackToShared(in StreamDigest digest)
    {
        if (digest.Epochs is not [.., var present] || (_epochs is [.., var own] && own.IsSameEpoch(present)))
        {
            return;
        }

        // Batches may have told of the epoch before: what was given out since is right, if it is the one that the digest names.
        var isKnown = _epochs is [.., var last] && last.Epoch < Last.Epoch && Array.Exists(digest.Epochs, epoch => epoch.Epoch == Last.Epoch && epoch.Start == EpochStart);
        var doubtful = isKnown ? Math.Min(_nextAtEntry, Next) : Next;
        if (EpochBegin.SharedUpTo(_epochs, digest.Epochs) is { } shared && shared + 1 < doubtful)
        {
            Next = shared + 1;
            AskedUpTo = 0;
            Attempts = 0;
            _history.Truncate(Next);
            (_countedFrom, _rewoundUpTo, _quietBelow) = (Math.Min(_countedFrom, Next), Math.Min(_rewoundUpTo, Next), Math.Min(_quietBelow, Next));
            UnavailableUpTo = Math.Min(UnavailableUpTo, shared);
        }

        _epochs = digest.Epochs;
        _nextAtEntry = ulong.MaxValue;
    }

    private void EnterEpoch(uint epoch, ulong start)
    {
        if (epoch <= Last.Epoch)
        {
            return;
        }

        // Who saw more of the last epoch than the new rendezvous point saw batches that were never acknowledged.
        if (Next > start)
        {
            Next = start;
        }

        _nextAtEntry = _epochs is [.., var last] && last.Epoch < epoch ? Math.Min(_nextAtEntry, Next) : ulong.MaxValue;
        AskedUpTo = 0;
        _history.Truncate(start);
        (_countedFrom, _rewoundUpTo) = (Math.Min(_countedFrom, start), Math.Min(_rewoundUpTo, start));
        EpochStart = start;
        Last = new GroupPosition(epoch, start - 1);
    }
}
