using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Speaks to rendezvous points for this node's users: finds them, begins groups, and publishes. A message to the rendezvous point is routed once, its
/// address remembered, and looked for again when it does not answer (SCRIBE §3.2).
/// </summary>
internal sealed class ClientDesk(ScribeOptions options, TreeLinks links)
{
    /// <summary>How many ordered batches of a group are under way to its rendezvous point, and how many others wait until that can take them.</summary>
    private const int WindowMax = 64, LooseMax = 64;

    private const int RootsMax = 4096;

    private static readonly TimeSpan SearchAgainAfter = TimeSpan.FromMilliseconds(600);

    private static readonly TimeSpan PublishAgainAfter = TimeSpan.FromSeconds(1);

    private readonly Dictionary<GroupId, RootClient> _clients = [];
    private readonly Alarm _alarm = new(TimerTokens.Clients);

    public void Create(CreateGroup create, IOverlay overlay)
    {
        var client = Get(create.Certificate.Id);
        client.Creations.Add(new PendingCreation(create.Operation, create.Certificate, overlay.Now + options.OperationTimeout));
        GoOn(client, overlay);
    }

    /// <summary>Sends a batch to the rendezvous point.</summary>
    public void Publish(SignedBatch batch, IOverlay overlay)
    {
        var client = Get(batch.Group);
        if (batch.IsOrdered)
        {
            client.Ordered.Add(new PendingBatch(batch, overlay.Now + options.OperationTimeout));
        }
        else
        {
            if (client.Loose.Count >= LooseMax)
            {
                End(client.Loose.Dequeue(), outcome: null, overlay);
            }

            client.Loose.Enqueue(new PendingBatch(batch, overlay.Now + options.OperationTimeout));
        }

        GoOn(client, overlay);
    }

    public void OnFound(NodeHandle root, RootFound found, IOverlay overlay)
    {
        if (!_clients.TryGetValue(found.Group, out var client) || client.Root is not null)
        {
            return;
        }

        client.Root = root;
        client.SentCount = 0;
        if (!found.Exists)
        {
            while (client.Ordered.Count > 0)
            {
                End(client, client.Ordered[0], PublicationOutcome.NotFound, default, overlay);
            }

            while (client.Loose.TryDequeue(out var loose))
            {
                End(loose, PublicationOutcome.NotFound, overlay);
            }
        }

        GoOn(client, overlay);
    }

    /// <summary>The rendezvous point can take more of what is not ordered.</summary>
    public void OnMarkAnswer(NodeHandle from, FlowMark answer, IOverlay overlay)
    {
        if (_clients.TryGetValue(answer.Group, out var client) && from.Equals(client.Root) && client.Flow.OnAnswer(answer.Mark))
        {
            client.AskedAt = overlay.Now;
            GoOn(client, overlay);
        }
    }

    public void OnCreateReply(NodeHandle from, CreateReply reply, IOverlay overlay)
    {
        foreach (var client in _clients.Values)
        {
            if (client.Creations.Find(creation => creation.Operation == reply.Operation) is { } creation && from.Equals(client.Root))
            {
                if (reply.Outcome == CreateOutcome.NotRoot)
                {
                    Lose(client, overlay);
                    return;
                }

                client.Creations.Remove(creation);
                overlay.Perform(new CreateEnded(reply.Operation, reply.Outcome));
                return;
            }
        }
    }

    public void OnPublicationReply(NodeHandle from, PublicationReply reply, IOverlay overlay)
    {
        if (!_clients.TryGetValue(reply.Group, out var client) || !from.Equals(client.Root))
        {
            return;
        }

        switch (reply.Outcome)
        {
            case PublicationOutcome.NotRoot:
                Lose(client, overlay);
                return;
            case PublicationOutcome.OutOfTurn:
                Rewind(client, reply, overlay);
                break;
            case PublicationOutcome.Taken:
                while (client.Ordered.Find(pending => pending.Batch.Author.NodeId == reply.Author && pending.Batch.AuthorPosition <= reply.AuthorPosition) is { } taken)
                {
                    End(client, taken, PublicationOutcome.Taken, taken.Batch.AuthorPosition == reply.AuthorPosition ? reply.Position : default, overlay);
                }

                break;
            default:
                if (reply.IsOrdered
                    && client.Ordered.Find(pending => pending.Batch.Author.NodeId == reply.Author && pending.Batch.AuthorPosition == reply.AuthorPosition) is { } refused)
                {
                    End(client, refused, reply.Outcome, reply.Position, overlay);
                }

                break;
        }

        client.AskedAt = overlay.Now;
        GoOn(client, overlay);
    }

    /// <summary>A node does not answer any more: if it was a rendezvous point, that is looked for.</summary>
    public void OnGone(NodeHandle peer, IOverlay overlay)
    {
        foreach (var client in _clients.Values.Where(client => peer.Equals(client.Root)).ToArray())
        {
            Lose(client, overlay);
        }
    }

    public void Expire(IOverlay overlay)
    {
        if (!_alarm.Rings(overlay.Now))
        {
            return;
        }

        foreach (var client in _clients.Values.ToArray())
        {
            EndLate(client, overlay);
            if (client.IsIdle)
            {
                continue;
            }

            if (client.Root is not null && overlay.Now - client.AskedAt >= PublishAgainAfter)
            {
                client.Forget();
            }

            GoOn(client, overlay);
        }
    }

    private RootClient Get(GroupId group)
    {
        if (!_clients.TryGetValue(group, out var client))
        {
            if (_clients.Count >= RootsMax && _clients.Values.FirstOrDefault(known => known.IsIdle) is { } idle)
            {
                _clients.Remove(idle.Group);
            }

            _clients.Add(group, client = new RootClient(group, options.WindowBytes));
        }

        return client;
    }

    /// <summary>Does what comes next: looks for the rendezvous point, or sends it what waits.</summary>
    private void GoOn(RootClient client, IOverlay overlay)
    {
        if (client.IsIdle)
        {
            return;
        }

        if (client.Root is not { } root)
        {
            if (overlay.Now - client.SearchedAt >= SearchAgainAfter)
            {
                client.SearchedAt = overlay.Now;
                overlay.Route(client.Group.Key, Payload.FromContent(new RootSearch(client.Group)), options: RouteOptions.WithOrigin | RouteOptions.Prompt);
            }

            _alarm.Set(client.SearchedAt + SearchAgainAfter, overlay);
            return;
        }

        foreach (var creation in client.Creations.Where(creation => !root.Equals(creation.Root)))
        {
            creation.Root = root;
            client.AskedAt = overlay.Now;
            links.Send(root, new CreateRequest(creation.Operation, creation.Certificate), overlay);
        }

        if (client.SentCount == 0)
        {
            client.AskedAt = overlay.Now;
        }

        for (; client.SentCount < Math.Min(client.Ordered.Count, WindowMax); client.SentCount++)
        {
            var batch = client.Ordered[client.SentCount].Batch;
            Send(root, batch, overlay, client.Ordered.Find(pending => pending.Batch.Author.NodeId == batch.Author.NodeId)!.Batch.AuthorPosition.Number);
        }

        while (client.Flow.HasRoom && client.Loose.TryDequeue(out var loose))
        {
            Send(root, loose.Batch, overlay);
            End(loose, PublicationOutcome.Taken, overlay);
            client.Flow.Send(loose.Batch.Bytes.Length);
            if (client.Flow.IsMarkDue)
            {
                links.Send(root, new FlowMark(client.Group, client.Flow.Mark(overlay.Now), isAnswer: false), overlay);
            }
        }

        _alarm.Set(client.AskedAt + PublishAgainAfter, overlay);
    }

    private void Lose(RootClient client, IOverlay overlay)
    {
        client.Forget();
        GoOn(client, overlay);
    }

    private static void EndLate(RootClient client, IOverlay overlay)
    {
        while (client.Creations.Find(creation => creation.Deadline <= overlay.Now) is { } creation)
        {
            client.Creations.Remove(creation);
            overlay.Perform(new CreateEnded(creation.Operation, Outcome: null));
        }

        while (client.Ordered.Count > 0 && client.Ordered[0].Deadline <= overlay.Now)
        {
            End(client, client.Ordered[0], outcome: null, default, overlay);
        }

        while (client.Loose.TryPeek(out var loose) && loose.Deadline <= overlay.Now)
        {
            End(client.Loose.Dequeue(), outcome: null, overlay);
        }
    }

    private static void End(RootClient client, PendingBatch pending, PublicationOutcome? outcome, GroupPosition position, IOverlay overlay)
    {
        client.SentCount -= client.Ordered.IndexOf(pending) < client.SentCount ? 1 : 0;
        client.Ordered.Remove(pending);
        overlay.Perform(new PublicationEnded(pending.Batch.Group, pending.Batch.Author.NodeId, IsOrdered: true, pending.Batch.AuthorPosition, outcome, position));
    }

    private static void End(PendingBatch loose, PublicationOutcome? outcome, IOverlay overlay) =>
        overlay.Perform(new PublicationEnded(loose.Batch.Group, loose.Batch.Author.NodeId, IsOrdered: false, loose.Batch.AuthorPosition, outcome, default));

    /// <summary>Sends the author's batches again from the first one that is missing, once for all that were behind it.</summary>
    private static void Rewind(RootClient client, PublicationReply reply, IOverlay overlay)
    {
        if (client.RewoundTo == reply.AuthorPosition && overlay.Now - client.RewoundAt < PublishAgainAfter / 4)
        {
            return;
        }

        (client.RewoundTo, client.RewoundAt) = (reply.AuthorPosition, overlay.Now);
        client.SentCount = Math.Max(
            0, client.Ordered.FindIndex(pending => pending.Batch.Author.NodeId == reply.Author && pending.Batch.AuthorPosition > reply.AuthorPosition));
    }

    /// <param name="root">The rendezvous point.</param>
    /// <param name="batch">The batch.</param>
    /// <param name="overlay">The overlay.</param>
    /// <param name="firstOutstanding">The author's first ordered batch that may still come.</param>
    private void Send(NodeHandle root, SignedBatch batch, IOverlay overlay, ulong firstOutstanding = 0) =>
        links.Send(root, new BatchMessage(ScribeMessageKind.Publication, batch, default, firstOutstanding, isReplay: false), overlay);

    /// <summary>Is what users of this node want of a rendezvous point.</summary>
    private sealed class RootClient(GroupId group, int window)
    {
        public GroupId Group => group;

        /// <summary>What is not ordered and under way to the rendezvous point.</summary>
        public LinkFlow Flow { get; private set; } = new(window);

        public NodeHandle? Root { get; set; }

        public Instant SearchedAt { get; set; } = new(long.MinValue / 2);

        public Instant AskedAt { get; set; }

        /// <summary>Beginnings of the group that have not been answered.</summary>
        public List<PendingCreation> Creations { get; } = [];

        /// <summary>Batches in order that have not been acknowledged.</summary>
        public List<PendingBatch> Ordered { get; } = [];

        /// <summary>How many of them have been sent.</summary>
        public int SentCount { get; set; }

        /// <summary>From where batches were sent again last, and when.</summary>
        public GroupPosition RewoundTo { get; set; }

        public Instant RewoundAt { get; set; } = new(long.MinValue / 2);

        /// <summary>Batches that are not ordered, and wait for a rendezvous point that can take them.</summary>
        public Queue<PendingBatch> Loose { get; } = [];

        /// <summary>The rendezvous point has to be looked for, and told everything again.</summary>
        public void Forget()
        {
            Root = null;
            SentCount = 0;
            Flow = new LinkFlow(window);
            Creations.ForEach(creation => creation.Root = null);
        }

        public bool IsIdle => Creations.Count == 0 && Ordered.Count == 0 && Loose.Count == 0;
    }

    private sealed record PendingBatch(SignedBatch Batch, Instant Deadline);

    private sealed record PendingCreation(ulong Operation, GroupCertificate Certificate, Instant Deadline)
    {
        /// <summary>The rendezvous point that was told of it.</summary>
        public NodeHandle? Root { get; set; }
    }
}
