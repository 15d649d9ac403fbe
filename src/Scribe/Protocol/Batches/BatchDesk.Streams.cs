using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>The side of the desk that learns how far streams have come and tells it, and begins them with as much of before as is wanted.</summary>
internal sealed partial class BatchDesk
{
    /// <summary>In how many heartbeats after a batch children are told how far the stream has come: some may be lost.</summary>
    private const int DigestTurns = 4;

    private readonly List<GroupState> _moved = [];

    /// <summary>A parent has been found, which tells how far it is.</summary>
    /// <param name="group">The group.</param>
    /// <param name="digests">How far the parent's streams are.</param>
    /// <param name="since">Of each, the first batch that is as young as this node has wanted, or one before; empty where it has wanted none.</param>
    /// <param name="overlay">The overlay.</param>
    public void OnGrafted(GroupState group, StreamDigest[] digests, ulong[] since, IOverlay overlay)
    {
        foreach (var stream in group.Streams.Values)
        {
            stream.Attempts = 0;
            stream.AskedUpTo = 0;
        }

        for (var i = 0; i < digests.Length; i++)
        {
            if (group.Streams.TryGetValue(digests[i].StreamId, out var stream))
            {
                stream.Doubt(digests[i]);
            }

            Learn(group, digests[i], group.History, i < since.Length ? since[i] : ulong.MaxValue, overlay);
        }
    }

    /// <summary>This node orders the group from now on, or crawling messages meet here.</summary>
    public void OnRooted(GroupState group, RootRecord record, IOverlay overlay)
    {
        if (!group.Crawls)
        {
            var since = record.History.FirstSince(overlay.Now - group.History.Age, out _);
            var digest = new StreamDigest(default, record.Last, record.EpochStart) { Epochs = [.. record.Epochs.TakeLast(StreamDigest.EpochsMax)] };
            if (group.Streams.TryGetValue(default, out var stream))
            {
                stream.Doubt(digest);
            }

            Learn(group, digest, group.History, since, overlay);
        }
    }

    /// <summary>A parent tells how far it is.</summary>
    public void OnDigest(GroupState group, in StreamDigest digest, IOverlay overlay)
    {
        if (group.Stage == TreeStage.Grafted)
        {
            Learn(group, digest, wish: default, ulong.MaxValue, overlay);
        }
    }

    /// <summary>Gives what a child is told in this interval.</summary>
    public (GroupId, StreamDigest)[] DigestsFor(TreeLink link)
    {
        var digests = new List<(GroupId, StreamDigest)>();
        foreach (var group in _moved)
        {
            // Who is behind gets in turn what it lacks: it need not ask.
            if (link.ChildIn.Contains(group.Id) && !(link.Lags.TryGetValue(group.Id, out var lag) && lag.Ordered.Count > 0))
            {
                digests.AddRange(DigestsOf(group).Select(digest => (group.Id, digest)).Take(Heartbeat.DigestsMax - digests.Count));
            }
        }

        return digests.Count == 0 ? [] : [.. digests];
    }

    /// <summary>An interval is over.</summary>
    public void EndBeat() => _moved.RemoveAll(group => --group.DigestsDue <= 0);

    /// <summary>Finds for each of these streams the first batch that is no older than so much, or one before.</summary>
    public ulong[] SinceOf(GroupState group, StreamDigest[] digests, TimeSpan age, IOverlay overlay)
    {
        var since = overlay.Now - age;
        return age == TimeSpan.Zero ? []
            : group is { Stage: TreeStage.Root, Crawls: false } ? Array.ConvertAll(digests, _ => Roots.FirstSince(group.Id, since))
            : Array.ConvertAll(digests, digest => group.Streams[digest.StreamId].FirstSince(since));
    }

    public static StreamDigest[] DigestsOf(GroupState group) =>
        group.Streams.Count == 0 ? [] : [.. group.Streams.Values.OrderByDescending(stream => stream.Source is not null).Take(StreamDigest.CountMax).Select(stream => stream.Digest)];

    /// <summary>Gives a node's first member what it wants of before, where the node was in the tree already: what is not here it asks for.</summary>
    public void GiveHistory(GroupState group, HistoryWish wish, IOverlay overlay)
    {
        if (wish == default)
        {
            return;
        }

        foreach (var stream in group.Streams.Values.ToArray())
        {
            stream.Rewind(wish, overlay.Now);
            GiveOut(group, stream, overlay);
            SeeWhatIsMissing(group, stream, overlay);
        }
    }

    /// <summary>Finds or begins one of a group's streams.</summary>
    private static OrderedStream? StreamOf(GroupState group, NodeId id)
    {
        if (!group.Streams.TryGetValue(id, out var stream) && group.Streams.Count < AuthorsMax)
        {
            group.Streams.Add(id, stream = new OrderedStream(id, group.Certificate!.Policy));
        }

        return stream;
    }

    /// <summary>Finds or begins the stream of a batch.</summary>
    private static OrderedStream? StreamFor(GroupState group, BatchMessage message, Instant now)
    {
        var id = StreamIdOf(group, message.Batch);
        var isFirst = !group.Streams.ContainsKey(id);
        var stream = StreamOf(group, id);
        if (isFirst)
        {
            // Whoever is above did not know of the author when it told how far its streams were: everything is new.
            stream?.Start(new StreamDigest(id, new GroupPosition(message.Position.Epoch, message.EpochStart - 1), message.EpochStart), wish: default, ulong.MaxValue, now);
        }

        return stream;
    }

    private void NoteMoved(GroupState group)
    {
        if (group.DigestsDue == 0)
        {
            _moved.Add(group);
        }

        group.DigestsDue = DigestTurns;
    }

    private void Learn(GroupState group, in StreamDigest digest, HistoryWish wish, ulong since, IOverlay overlay)
    {
        var isFirst = !group.Streams.ContainsKey(digest.StreamId);
        if (group.Crawls == (digest.StreamId == default) || StreamOf(group, digest.StreamId) is not { } stream)
        {
            return;
        }

        if (isFirst)
        {
            stream.Start(digest, wish, since, overlay.Now);
        }
        else if (stream.Learn(digest))
        {
            NoteMoved(group);
        }

        GiveOut(group, stream, overlay);
        SeeWhatIsMissing(group, stream, overlay);
    }
}
