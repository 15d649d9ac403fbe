using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Leaves parents that do not pass on what they should. A node whose stream stands still asks two nodes off its way up, as witnesses, whether there is anything
/// new; who has more shows its last batch, whose author has signed it. If the parent does not bring it, or what heartbeats tell of, the node looks for another.
/// </summary>
internal sealed class WitnessDesk(ScribeOptions options, TreeLinks links, RememberedNodes avoided, Verifications verifications, TreeDesk trees)
{
    /// <summary>How many witnesses are asked in equal intervals until these double, and how often they double.</summary>
    private const int EvenCount = 3, DoublingsMax = 4;

    /// <summary>How many others, one after the other, those that are asked may name.</summary>
    private const int StepsMax = 4;

    /// <summary>How many are asked at once: one may lack the same, for the same reason.</summary>
    private const int WitnessesMax = 2;

    /// <summary>Among how many ways to the rendezvous point a witness is drawn.</summary>
    private const int WaysMax = 8;

    /// <summary>How many batches are shown to others.</summary>
    private static readonly RateLimit ShownMax = new(PerSecond: 100, AtOnce: 200);

    private readonly List<GroupId> _behind = [];
    private readonly List<(NodeHandle To, List<WitnessRequest.Entry> Entries)> _requests = [];
    private TokenBucket _shown = new(ShownMax, Instant.Zero);

    private TimeSpan Pause => options.FailureTimeout / 4;

    /// <summary>Lists the groups in which the neighbour is a child, and this node lacks something itself.</summary>
    public GroupId[] BehindFor(TreeLink link) => _behind.Count == 0 ? [] : [.. _behind.Where(link.ChildIn.Contains).Take(Heartbeat.BehindMax)];

    /// <summary>Does what is due in each interval.</summary>
    public void Beat(IOverlay overlay)
    {
        _behind.Clear();
        foreach (var group in trees.Groups)
        {
            if (group.Stage == TreeStage.Grafted && !group.Crawls)
            {
                Watch(group, overlay);
            }
        }

        Flush(overlay);
    }

    /// <summary>Answers whoever asks whether there is anything new: by showing the last batch, or naming who may know.</summary>
    public void OnRequest(NodeHandle from, WitnessRequest request, IOverlay overlay)
    {
        var hints = new List<WitnessReply.Entry>();
        foreach (var entry in request.Entries)
        {
            if (trees.Find(entry.Group) is { IsAttached: true, Crawls: false } group)
            {
                Show(group, from, entry.Last, overlay);
            }
            else if (overlay.LocalLookup(entry.Group.Key, 1, safe: false) is [var next] && next.Id != from.Id)
            {
                hints.Add(new WitnessReply.Entry(entry.Group, next));
            }
        }

        if (hints.Count > 0)
        {
            links.Send(from, new WitnessReply([.. hints]), overlay);
        }
    }

    /// <summary>Who was asked is not in the tree, and names another.</summary>
    public void OnReply(NodeHandle from, WitnessReply reply, IOverlay overlay)
    {
        foreach (var entry in reply.Entries)
        {
            if (trees.Find(entry.Group) is { Stage: TreeStage.Grafted } group && group.Watch.Steps < StepsMax && group.Watch.Witnesses.Remove(from)
                && MayTell(group, entry.Next, overlay))
            {
                group.Watch.Steps++;
                Ask(group, entry.Next);
            }
        }

        Flush(overlay);
    }

    /// <summary>Takes a batch that a witness shows. It says that there is one: its place is for the parent to tell.</summary>
    public void OnShown(NodeHandle from, BatchMessage message, IOverlay overlay)
    {
        if (trees.Find(message.Batch.Group) is not { Stage: TreeStage.Grafted, Certificate: { } certificate } group
            || !group.Watch.Witnesses.Remove(from) || !message.Batch.IsOrdered || !BatchDesk.MayPublish(certificate, message.Batch))
        {
            return;
        }

        verifications.Ask(message.Batch, at: null, overlay, (verdict, overlay) =>
        {
            if (verdict == Verdict.Right)
            {
                group.Watch.Show(message.Batch.Author.NodeId, message.Batch.AuthorPosition, overlay.Now);
            }
        });
    }

    private void Watch(GroupState group, IOverlay overlay)
    {
        var (watch, now) = (group.Watch, overlay.Now);
        var isMissing = group.Streams.TryGetValue(default, out var stream) && stream.IsMissing;
        if (!watch.NoteBehind(isMissing, now))
        {
            if (now - Later(watch.MovedAt, watch.Asked.At) >= PauseAfter(watch.Asked.Count))
            {
                watch.Asked = (watch.Asked.Count + 1, now);
                AskAny(group, overlay);
            }

            return;
        }

        if (now - watch.BehindSince >= options.FailureTimeout / 2 && now - watch.MovedAt >= PatienceWith(watch, now))
        {
            watch.LeftCount++;
            trees.LeaveParent(group, overlay);
        }
        else if (now - watch.MovedAt >= options.HeartbeatInterval)
        {
            _behind.Add(group.Id);
        }
    }

    /// <summary>
    /// How long a parent may bring nothing, though there is something. The next one is asked for it at once, and so is given a quarter of that, but whoever leaves one after the
    /// other in vain becomes slower: perhaps there is nothing to be had. One that says that it lacks it itself is given half of it more.
    /// </summary>
    private TimeSpan PatienceWith(ParentWatch watch, Instant now) =>
        (watch.LeftCount == 0 ? options.FailureTimeout : Pause * (1 << Math.Clamp(watch.LeftCount - 1, 0, DoublingsMax)))
        + (now - watch.ParentBehindAt <= 2 * options.HeartbeatInterval ? options.FailureTimeout / 2 : TimeSpan.Zero);

    private TimeSpan PauseAfter(int count) => count == 0 ? Pause / 2 : Pause * (1 << Math.Clamp(count - EvenCount, 0, DoublingsMax));

    private void AskAny(GroupState group, IOverlay overlay)
    {
        group.Watch.Steps = 0;
        group.Watch.Witnesses.Clear();
        List<NodeHandle> ways = [.. overlay.LocalLookup(group.Id.Key, WaysMax, safe: false).Where(node => MayTell(group, node, overlay))];
        while (ways.Count > 0 && group.Watch.Witnesses.Count < WitnessesMax)
        {
            var index = (int)(overlay.NextRandom() % (ulong)ways.Count);
            Ask(group, ways[index]);
            ways.RemoveAt(index);
        }
    }

    private bool MayTell(GroupState group, NodeHandle node, IOverlay overlay) =>
        node.Id != overlay.Self.Id && node.Id != group.Parent?.Id && group.ChildIndex(node.Id) < 0 && !avoided.Contains(node.Id, overlay.Now);

    private void Ask(GroupState group, NodeHandle witness)
    {
        group.Watch.Witnesses.Add(witness);
        var index = _requests.FindIndex(request => request.To.Equals(witness) && request.Entries.Count < WitnessRequest.EntriesMax);
        if (index < 0)
        {
            index = _requests.Count;
            _requests.Add((witness, []));
        }

        var last = group.Streams.TryGetValue(default, out var stream) ? stream.Last : default;
        _requests[index].Entries.Add(new WitnessRequest.Entry(group.Id, last));
    }

    private void Flush(IOverlay overlay)
    {
        foreach (var (to, entries) in _requests)
        {
            links.Send(to, new WitnessRequest([.. entries]), overlay);
        }

        _requests.Clear();
    }

    private void Show(GroupState group, NodeHandle to, GroupPosition known, IOverlay overlay)
    {
        if (group.Certificate is { Policy.Members: GroupAudience.Everyone }
            && group.Streams.TryGetValue(default, out var stream) && stream.Last > known
            && (stream.Find(stream.Last.Number) ?? stream.Find(stream.Next - 1)) is { } last && last.Position > known
            && _shown.TryTake(1, ShownMax, overlay.Now))
        {
            links.Send(to, new BatchMessage(ScribeMessageKind.Witness, last.Batch, last.Position, last.EpochStart, isReplay: false), overlay);
        }
    }

    private static Instant Later(Instant left, Instant right) => left > right ? left : right;
}
