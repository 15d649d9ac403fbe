using System.Diagnostics.CodeAnalysis;
using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>
/// Gives replicas to the nodes that lack them: those of files with the fewest replicas first, many at a time, to each node no more than it
/// can take soon, and no faster in all than this node's owner allows.
/// </summary>
/// <remarks>
/// How many replicas a file has is seen from here as k without the nodes that have asked for it. One that has just come to the ring doesn't count: what it
/// takes over is still held by who held it before.
/// </remarks>
internal sealed class RepairQueue(PastOptions options)
{
    private const int WaitingMax = 65_536;
    private const int WaitingOfPeerMax = WaitingMax / 4;

    /// <summary>How many may be on their way to the same node: a little more than it fetches at a time from one peer.</summary>
    private const int UnderWayToPeerMax = 8;

    /// <summary>The longest that a transfer is waited for.</summary>
    private static readonly TimeSpan TransferTimeMax = TimeSpan.FromDays(49);

    private static readonly TimeSpan ReportInterval = TimeSpan.FromSeconds(1);

    private readonly Dictionary<NodeId, RepairLine> _lines = [];
    private readonly Dictionary<FileId, Wish> _wishes = [];
    private readonly RemovableHeap<RepairLine.Delivery> _underWay = new();
    private Instant _nextRead = Instant.Zero;
    private Instant _timer = Instant.Never;
    private Instant _reportedAt = Instant.Zero;
    private RepairProgress _reported;
    private long _number;
    private int _reading;
    private int _waiting;
    private long _given;
    private long _givenBytes;
    private long _withoutRoom;

    private bool IsPaced => options.RepairRateMax < long.MaxValue;

    /// <summary>Lets a replica wait for its turn. Beyond the bounds it is not taken: a later round offers it anew.</summary>
    /// <param name="to">Who lacks it.</param>
    /// <param name="replica">The replica.</param>
    /// <param name="isNewcomer">Whether that node has just come to the ring.</param>
    /// <param name="due">When it has waited for too long: the node doesn't expect it any more.</param>
    /// <param name="overlay">The overlay.</param>
    public void Add(NodeHandle to, StoredReplica replica, bool isNewcomer, Instant due, IOverlay overlay)
    {
        if (!_lines.TryGetValue(to.Id, out var line))
        {
            line = new RepairLine(to);
        }

        if (_waiting >= WaitingMax || line.WaitingCount >= WaitingOfPeerMax || !line.TryAdd(replica.FileId, due))
        {
            return;
        }

        _lines[to.Id] = line;
        _waiting++;
        var wish = _wishes.GetValueOrDefault(replica.FileId);
        wish = new Wish(wish.Waiting + 1, wish.Missing + (isNewcomer ? 0 : 1));
        _wishes[replica.FileId] = wish;
        line.Rank(replica.FileId, replica.ReplicaCount - wish.Missing, ++_number);
        if (wish is { Waiting: > 1, Missing: > 0 })
        {
            RankElsewhere(replica, wish, line);
        }

        Start(overlay);
    }

    /// <summary>
    /// Names from whom to fetch a file, which spreads what is lost with a node over the lines of all who hold it too: one of its holders, chosen by its id,
    /// who is no newcomer and has not asked for the file itself.
    /// </summary>
    public NodeHandle ChooseSource(FileId file, IReadOnlyList<NodeHandle> holders, Newcomers newcomers, IOverlay overlay)
    {
        NodeHandle[] sources = [.. holders.Where(node => !newcomers.Contains(node, overlay.Now) && !Lacks(node.Id, file))];
        return sources is [] ? overlay.Self : sources[(int)((uint)file.RoutingKey.Value % (uint)sources.Length)];
    }

    /// <summary>Notes that the content of a replica goes out, or that it can't.</summary>
    /// <param name="to">Who lacks it.</param>
    /// <param name="file">The file.</param>
    /// <param name="length">Its length in bytes; null where it could not be read.</param>
    /// <param name="overlay">The overlay.</param>
    public void OnRead(NodeId to, FileId file, long? length, IOverlay overlay)
    {
        if (!_lines.TryGetValue(to, out var line) || line.Find(file) is not { Length: null } delivery)
        {
            return;
        }

        if (length is { } bytes)
        {
            _reading--;
            delivery.Length = bytes;
            delivery.Due = overlay.Now + TimeMaxOf(bytes);
            _underWay.Sink(delivery);
            if (IsPaced)
            {
                var begin = _nextRead > overlay.Now ? _nextRead : overlay.Now;
                _nextRead = begin + TimeSpan.FromSeconds((double)bytes / options.RepairRateMax);
            }
        }
        else
        {
            End(delivery);
        }

        Start(overlay);
    }

    /// <summary>Notes that a node has got a file, or refuses it: another one has its turn.</summary>
    public void OnEnded(NodeId to, FileId file, RefusalCode refusal, IOverlay overlay)
    {
        var isHeld = refusal == RefusalCode.None;
        if (_lines.TryGetValue(to, out var line) && line.Find(file) is { Length: { } length } delivery)
        {
            _given += isHeld ? 1 : 0;
            _withoutRoom += refusal == RefusalCode.NoRoom ? 1 : 0;
            _givenBytes += isHeld ? length : 0;
            End(delivery);
            Start(overlay);
        }
    }

    /// <summary>Notes that a node is gone, or has forgotten what it has asked for: nothing is on its way to it any more.</summary>
    public void OnGone(NodeId node, IOverlay overlay)
    {
        if (!_lines.TryGetValue(node, out var line))
        {
            return;
        }

        _lines.Remove(node);
        _waiting -= line.WaitingCount;
        Array.ForEach(line.Waiting(), Forget);
        Array.ForEach(line.UnderWay(), End);
        Start(overlay);
    }

    /// <summary>Goes on where time was waited for.</summary>
    public void Expire(IOverlay overlay)
    {
        if (overlay.Now < _timer)
        {
            return;
        }

        _timer = Instant.Never;
        while (_underWay.Count > 0 && _underWay.First.Due <= overlay.Now)
        {
            // Nobody has said that it arrived: the next round will show.
            End(_underWay.First);
        }

        Start(overlay);
    }

    private bool Lacks(NodeId node, FileId file) => _lines.TryGetValue(node, out var line) && line.Lacks(file);

    private void Start(IOverlay overlay)
    {
        while (_underWay.Count < options.RepairsMax && (!IsPaced || (_reading == 0 && _nextRead <= overlay.Now)) && TryTake(overlay.Now, out var line, out var file))
        {
            var delivery = new RepairLine.Delivery(line, file, overlay.Now + options.StallTimeout, ++_number);
            line.Send(delivery);
            _underWay.Add(delivery);
            _reading++;
            overlay.Perform(new ReadReplica(Operation: 0, line.To, file));
        }

        if (_waiting + _underWay.Count == 0)
        {
            _lines.Clear();
        }

        Report(overlay);
        WakeUp(overlay);
    }

    /// <summary>Takes the most urgent replica of those whose node can take one.</summary>
    private bool TryTake(Instant now, [NotNullWhen(true)] out RepairLine? line, out FileId file)
    {
        line = null;
        file = default;
        (int Replicas, long Number) best = default;
        foreach (var candidate in _lines.Values)
        {
            var before = candidate.WaitingCount;
            if (candidate.UnderWayCount < UnderWayToPeerMax && candidate.TryPeek(now, Forget, out var next, out var rank) && (line is null || rank.CompareTo(best) < 0))
            {
                (line, file, best) = (candidate, next, rank);
            }

            _waiting -= before - candidate.WaitingCount;
        }

        if (line is null)
        {
            return false;
        }

        line.Take(file);
        _waiting--;
        Forget(file);
        return true;
    }

    /// <summary>Gives a file that waits for several nodes its new rank for all of them.</summary>
    private void RankElsewhere(StoredReplica replica, Wish wish, RepairLine added)
    {
        foreach (var line in _lines.Values)
        {
            if (line != added && line.IsWaiting(replica.FileId))
            {
                line.Rank(replica.FileId, replica.ReplicaCount - wish.Missing, ++_number);
            }
        }
    }

    private void Forget(FileId file)
    {
        var wish = _wishes[file];
        if (wish.Waiting == 1)
        {
            _wishes.Remove(file);
        }
        else
        {
            _wishes[file] = wish with { Waiting = wish.Waiting - 1 };
        }
    }

    /// <summary>Gives how long a transfer may take, waiting at the other end included: it gives up no later.</summary>
    private TimeSpan TimeMaxOf(long length)
    {
        var seconds = (double)length / options.TransferRateMin + 2 * options.StallTimeout.TotalSeconds;
        return TimeSpan.FromSeconds(Math.Min(seconds, TransferTimeMax.TotalSeconds));
    }

    private void End(RepairLine.Delivery delivery)
    {
        var line = delivery.Line;
        line.End(delivery.FileId);
        _underWay.Remove(delivery);
        _reading -= delivery.Length is null ? 1 : 0;
        if (line is { WaitingCount: 0, UnderWayCount: 0 })
        {
            _lines.Remove(line.To.Id);
        }
    }

    private void Report(IOverlay overlay)
    {
        var seconds = (overlay.Now - _reportedAt).TotalSeconds;
        var progress = new RepairProgress(_waiting, _underWay.Count, _given, _givenBytes, BytesPerSecond: 0, _withoutRoom);
        if (seconds < ReportInterval.TotalSeconds || progress == _reported)
        {
            return;
        }

        _reported = progress with { BytesPerSecond = (_givenBytes - _reported.BytesGiven) / seconds };
        _reportedAt = overlay.Now;
        overlay.Perform(new RepairsProgressed(_reported));
    }

    private void WakeUp(IOverlay overlay)
    {
        var due = Instant.Never;
        if (_underWay.Count > 0)
        {
            due = _underWay.First.Due;
        }

        if (_waiting > 0 && IsPaced && _nextRead > overlay.Now && _nextRead < due)
        {
            due = _nextRead;
        }

        // What has changed since the last report, or that nothing goes on any more, is told a little later.
        if (_reported != new RepairProgress(_waiting, _underWay.Count, _given, _givenBytes, BytesPerSecond: 0, _withoutRoom) && _reportedAt + ReportInterval < due)
        {
            due = _reportedAt + ReportInterval;
        }

        if (due < _timer)
        {
            _timer = due;
            overlay.SetTimer(TimerTokens.MaintenanceRepairs, due);
        }
    }

    /// <summary>Counts, of one file, the nodes that wait for it, and how many of the nodes that should hold it have asked and are no newcomers.</summary>
    private readonly record struct Wish(int Waiting, int Missing);
}
