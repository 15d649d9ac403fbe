using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Passes batches on along the trees, once their signatures are verified, brings ordered ones into order, and has missing ones sent again.
/// </summary>
internal sealed partial class BatchDesk(ScribeOptions options, TreeLinks links, Verifications verifications)
{
    /// <summary>How many batches of a group may wait for their verification.</summary>
    private const int ChecksMax = 512;

    /// <summary>How many authors of a group are remembered.</summary>
    private const int AuthorsMax = 1024;

    /// <summary>Batches that nobody here needs, once what the last step has sent is on its way.</summary>
    private readonly List<SignedBatch> _passed = [];
    private readonly Dictionary<ulong, (GroupState Group, CheckedBatch Check)> _checks = [];

    /// <summary>Who decides about rendezvous points.</summary>
    public RootDesk Roots { get; set; } = null!;

    /// <summary>Who tells members of each other.</summary>
    public RosterDesk Rosters { get; set; } = null!;

    /// <summary>Who decides about parents.</summary>
    public TreeDesk Trees { get; set; } = null!;

    /// <summary>The second since 1970 as of the last batch that was verified here; 0 where it is not known.</summary>
    public uint LastClock { get; private set; }

    /// <summary>What was counted.</summary>
    public ScribeCounters Counters { get; } = new();

    /// <summary>Whatever earlier steps have sent is on its way.</summary>
    public void BeginStep()
    {
        foreach (var batch in _passed)
        {
            batch.GiveBack();
        }

        _passed.Clear();
    }

    /// <summary>Takes a batch that a neighbour passes on.</summary>
    public void OnBatch(GroupState group, NodeHandle from, BatchMessage message, IOverlay overlay)
    {
        if (group.Certificate is null || !MayComeFrom(group, from, message) || !IsWanted(group, message))
        {
            Counters.Unwanted++;
            return;
        }

        Check(group, from, message, isPublication: false, overlay);
    }

    /// <summary>Has a publication verified that came to the rendezvous point.</summary>
    public void CheckPublication(GroupState group, NodeHandle client, BatchMessage message, IOverlay overlay) =>
        Check(group, client, message, isPublication: true, overlay);

    /// <summary>Spreads a batch that the rendezvous point, or its author at this node, has given its place.</summary>
    public void Spread(GroupState group, BatchMessage message, IOverlay overlay) => Enter(group, overlay.Self, message, overlay);

    /// <summary>Goes on with what waited for a verification.</summary>
    /// <returns>False where the outcome is of no batch here.</returns>
    public bool TryTake(Verified outcome, IOverlay overlay)
    {
        if (!_checks.Remove(outcome.Ticket, out var waiting))
        {
            return false;
        }

        LastClock = outcome.Clock;
        Conclude(waiting.Group, waiting.Check, outcome.IsRight ? Verdict.Right : Verdict.Wrong, overlay);
        return true;
    }

    /// <summary>Tells whether an author may publish, or as a member say that it is there, as far as that needs no signature to be verified.</summary>
    public static bool MayPublish(GroupCertificate certificate, SignedBatch batch) =>
        (!batch.IsPresence || certificate.Policy.ShowsMembers)
        && certificate.Lets(batch.Author, batch.IsPresence ? GroupRights.Join : GroupRights.Publish, batch.Capability);

    private static GroupAudience AudienceOf(GroupCertificate certificate, SignedBatch batch) =>
        batch.IsPresence ? certificate.Policy.Members : certificate.Policy.Authors;

    /// <summary>Has a batch's signature verified, and that of what allows its author to publish, and goes on in turn.</summary>
    private void Check(GroupState group, NodeHandle from, BatchMessage message, bool isPublication, IOverlay overlay)
    {
        if (message.Batch.IsAnycast || !MayPublish(group.Certificate!, message.Batch))
        {
            Counters.Forged++;
            return;
        }

        if (message.Batch.IsKnownRight && group.Checks.Count == 0 && message.Batch.Capability is null)
        {
            GoOn(group, new CheckedBatch(Ticket: 0, message, from, isPublication), overlay);
            return;
        }

        if (group.Checks.Count >= ChecksMax)
        {
            Counters.Dropped++;
            return;
        }

        var check = new CheckedBatch(verifications.NewTicket(), message, from, isPublication);
        group.Checks.Enqueue(check);
        _checks.Add(check.Ticket, (group, check));
        if (AudienceOf(group.Certificate!, message.Batch) == GroupAudience.Invited && message.Batch.Capability is { } capability)
        {
            verifications.Ask(capability, UsedAt(group, message, isPublication, overlay), overlay, (verdict, overlay) =>
            {
                if (verdict == Verdict.Right)
                {
                    overlay.Perform(new Verify(check.Ticket, message.Batch));
                }
                else
                {
                    _checks.Remove(check.Ticket);
                    Conclude(group, check, verdict, overlay);
                }
            });
        }
        else
        {
            overlay.Perform(new Verify(check.Ticket, message.Batch));
        }
    }

    /// <summary>
    /// When what allows an author to publish must have been good. The rendezvous point judges that when it gives a batch its place, and whoever is below takes its word,
    /// as for the place: clocks differ, and members that join late get what was published before. Where messages crawl, each node judges for itself; ages are known to a tenth.
    /// </summary>
    private Instant? UsedAt(GroupState group, BatchMessage message, bool isPublication, IOverlay overlay) =>
        isPublication ? overlay.Now
        : group.Crawls ? overlay.Now - 1.1 * message.Age - options.FailureTimeout
        : null;

    /// <summary>Goes on with what a batch has waited for, and those behind it. Batches overtake each other while they are verified, but not here.</summary>
    private void Conclude(GroupState group, CheckedBatch check, Verdict verdict, IOverlay overlay)
    {
        check.Verdict = verdict;
        while (group.Checks.TryPeek(out var first) && first.Verdict is { } found)
        {
            group.Checks.Dequeue();
            if (found == Verdict.Right)
            {
                GoOn(group, first, overlay);
            }
            else
            {
                Refuse(group, first, found, overlay);
            }
        }

        if (_heldMarks.Count + _stalled.Count > 0)
        {
            GoOnWhereOpen(overlay);
        }
    }

    private void Refuse(GroupState group, CheckedBatch batch, Verdict verdict, IOverlay overlay)
    {
        if (verdict == Verdict.Untried)
        {
            Counters.Dropped++;
            return;
        }

        Counters.Forged++;
        if (batch.IsPublication)
        {
            Roots.OnPublicationRefused(batch.From, batch.Batch.Batch, overlay);
        }
        else if (verdict == Verdict.Wrong && batch.From.Equals(group.Parent))
        {
            // Who is above has verified it, or should have.
            Trees.LeaveParent(group, overlay);
        }
    }

    private void GoOn(GroupState group, CheckedBatch batch, IOverlay overlay)
    {
        if (batch.IsPublication)
        {
            Roots.OnPublicationChecked(group, batch.From, batch.Batch, overlay);
        }
        else if (IsWanted(group, batch.Batch) && !IsExcess(group, batch.Batch, overlay))
        {
            Enter(group, batch.From, batch.Batch, overlay);
        }
    }

    private static bool MayComeFrom(GroupState group, NodeHandle from, BatchMessage message) =>
        message.Batch.Group == group.Id
        && (group.Crawls
            ? IsNeighbor(group, from) && (!message.Batch.IsOrdered || (message.Position == message.Batch.AuthorPosition && message.EpochStart == 1))
            : from.Equals(group.Parent) && group.Stage == TreeStage.Grafted);

    private static bool IsNeighbor(GroupState group, NodeHandle from) => from.Equals(group.Parent) || group.ChildIndex(from.Id) >= 0;

    private static bool IsWanted(GroupState group, BatchMessage message)
    {
        var batch = message.Batch;
        return batch.IsOrdered
            ? !group.Streams.TryGetValue(StreamIdOf(group, batch), out var stream) || stream.Wants(message)
            : !group.Marks.HasSeen(batch.Author.NodeId, batch.AuthorPosition);
    }

    private static NodeId StreamIdOf(GroupState group, SignedBatch batch) => group.Crawls ? batch.Author.NodeId : default;

    private void Enter(GroupState group, NodeHandle from, BatchMessage message, IOverlay overlay)
    {
        if (message.Batch.IsOrdered)
        {
            EnterOrdered(group, from, message, overlay);
        }
        else
        {
            group.Marks.Add(message.Batch.Author.NodeId, message.Batch.AuthorPosition);
            var isKept = PassOn(group, from, message, overlay);
            if (message.Batch.IsPresence)
            {
                Rosters.OnPresence(group, message.Batch, overlay);
            }
            else if (group.IsMember)
            {
                Deliver(group, message, overlay);
                return;
            }

            if (!isKept)
            {
                _passed.Add(message.Batch);
            }
        }
    }

    private void EnterOrdered(GroupState group, NodeHandle from, BatchMessage message, IOverlay overlay)
    {
        if (StreamFor(group, message, overlay.Now) is not { } stream)
        {
            Counters.Dropped++;
            return;
        }

        if (!stream.Accept(message, overlay.Now))
        {
            return;
        }

        if (!message.IsReplay)
        {
            stream.Source = from;
        }

        if (!stream.IsForHere(message.Position.Number))
        {
            // Who is below lacks what was lost on the way here as well.
            PassOn(group, from, message.IsReplay ? message.Again(isReplay: false, message.Age) : message, overlay);
        }

        NoteMoved(group);
        GiveOut(group, stream, overlay);
        SeeWhatIsMissing(group, stream, overlay);
    }

    private void GiveOut(GroupState group, OrderedStream stream, IOverlay overlay)
    {
        while (stream.TryTake(out var batch))
        {
            group.Watch.Hear(batch.Batch.Author.NodeId, batch.Batch.AuthorPosition, overlay.Now);
            if (!stream.IsTooOld(batch.Position.Number, overlay.Now))
            {
                Deliver(group, batch, overlay);
            }
        }
    }

    private void Deliver(GroupState group, BatchMessage batch, IOverlay overlay)
    {
        if (group.IsMember)
        {
            Counters.Delivered++;
            overlay.Perform(new Deliver(group.Id, batch));
        }
    }
}
