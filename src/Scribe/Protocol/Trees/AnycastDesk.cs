using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// Finds one member that accepts (anycast, SCRIBE §2; Castro et al., NGC 2003): a request goes towards the group's id until it meets the tree, and through
/// that depth first, to near children before far ones, until a member accepts or there is nobody left to ask.
/// </summary>
internal sealed class AnycastDesk(ScribeOptions options, TreeLinks links, RememberedNodes avoided, Verifications verifications, TreeDesk trees, RootDesk roots, ScribeCounters counters)
{
    /// <summary>How many requests wait for the answers of this node's members.</summary>
    private const int AskedMax = 1024;

    /// <summary>How often the same request comes by until somebody sends it round: its client sends it some ten times, and it returns for children beyond its room.</summary>
    private const int VisitsMax = 64;

    private readonly Dictionary<ulong, PendingAnycast> _pending = [];
    private readonly Dictionary<ulong, AskedMember> _asked = [];
    private readonly KnownRequests _known = new();
    private readonly Alarm _alarm = new(TimerTokens.Anycast);
    private ulong _lastTicket;

    /// <summary>How long the client waits until it sends its request anew: members that say nothing may have been on the way.</summary>
    private TimeSpan Patience => 2 * (options.AnycastPatience + options.HopTimeoutInitial);

    /// <summary>Begins a search for this node's user.</summary>
    public void Start(StartAnycast start, IOverlay overlay)
    {
        _pending.Add(start.Operation, new PendingAnycast(start.Request, overlay.Now + options.OperationTimeout) { SendAgainAt = overlay.Now + Patience });
        _alarm.Set(overlay.Now + Patience, overlay);
        OnSearch(new AnycastSearch(overlay.Self, start.Request, [], []), overlay);
    }

    /// <summary>Nobody waits for it any more.</summary>
    public void Cancel(ulong operation) => _pending.Remove(operation);

    /// <summary>A search comes by.</summary>
    public void OnSearch(AnycastSearch search, IOverlay overlay)
    {
        if (trees.Find(search.Request.Group) is not { IsAttached: true, Certificate: { } certificate })
        {
            Visit(search, overlay);
            return;
        }

        if (!BatchDesk.MayPublish(certificate, search.Request))
        {
            counters.Forged++;
            End(search, AnycastOutcome.Denied, overlay);
            return;
        }

        Verify(search, certificate, overlay);
    }

    public void OnReply(NodeHandle from, AnycastReply reply, IOverlay overlay)
    {
        if (_pending.Remove(reply.Operation))
        {
            overlay.Perform(new AnycastEnded(reply.Operation, reply.Outcome, from.Id, reply.Reply));
        }
    }

    /// <summary>A member has answered.</summary>
    public void OnAnswer(AnswerAnycast answer, IOverlay overlay)
    {
        if (!_asked.Remove(answer.Ticket, out var asked))
        {
            return;
        }

        if (answer.Accepts)
        {
            if (_known.Find(asked.Search.Request) is { } known)
            {
                // Where the answer gets lost, the request comes again.
                known.IsAsked = false;
            }

            End(asked.Search, AnycastOutcome.Accepted, overlay, answer.Reply);
        }
        else
        {
            GoOn(asked.Search, asked.Group, overlay);
        }
    }

    /// <summary>A search could not be sent on to a node: it goes around that.</summary>
    public void OnNotSent(AnycastSearch search, IOverlay overlay) => Visit(search, overlay);

    public void Expire(IOverlay overlay)
    {
        if (!_alarm.Rings(overlay.Now))
        {
            return;
        }

        foreach (var (ticket, asked) in _asked.Where(asked => asked.Value.Deadline <= overlay.Now).ToArray())
        {
            _asked.Remove(ticket);
            GoOn(asked.Search, asked.Group, overlay);
        }

        foreach (var (operation, pending) in _pending.ToArray())
        {
            if (pending.Deadline <= overlay.Now)
            {
                _pending.Remove(operation);
                overlay.Perform(new AnycastEnded(operation, Outcome: null, default, default));
            }
            else if (pending.SendAgainAt <= overlay.Now)
            {
                pending.SendAgainAt = overlay.Now + Patience;
                OnSearch(new AnycastSearch(overlay.Self, pending.Request, [], []), overlay);
            }
        }

        foreach (var asked in _asked.Values)
        {
            _alarm.Set(asked.Deadline, overlay);
        }

        foreach (var pending in _pending.Values)
        {
            _alarm.Set(pending.SendAgainAt < pending.Deadline ? pending.SendAgainAt : pending.Deadline, overlay);
        }
    }

    private void Verify(AnycastSearch search, GroupCertificate certificate, IOverlay overlay)
    {
        verifications.Ask(search.Request, at: null, overlay, (verdict, overlay) =>
        {
            if (verdict != Verdict.Right)
            {
                // Its client sends it anew.
                counters.Forged += verdict == Verdict.Untried ? 0 : 1;
            }
            else if (certificate.Policy.Authors == GroupAudience.Invited && search.Request.Capability is { } capability)
            {
                verifications.Ask(capability, overlay.Now, overlay, (verdict, overlay) =>
                {
                    if (verdict == Verdict.Right)
                    {
                        Visit(search, overlay);
                    }
                    else if (verdict != Verdict.Untried)
                    {
                        counters.Forged++;
                        End(search, AnycastOutcome.Denied, overlay);
                    }
                });
            }
            else
            {
                Visit(search, overlay);
            }
        });
    }

    /// <summary>Does what is to be done with a search at this node.</summary>
    private void Visit(AnycastSearch search, IOverlay overlay)
    {
        var here = GroupState.Shorten(overlay.Self.Id);
        var seen = new AnycastSearch(search.Client, search.Request, [.. search.Visited, here], search.Next);
        if (trees.Find(search.Request.Group) is not { IsAttached: true } group)
        {
            if (search.Visited.Length > 0)
            {
                // Whoever has sent it here is not to send it again.
                SendOn(seen, [.. search.Next], overlay);
            }
            else
            {
                SendTowards(search, overlay);
            }

            return;
        }

        var known = _known.Find(search.Request);
        if (known is null && !group.AnycastRates.TryTake(search.Request.Author.NodeId, 1, RateLimit.OfAuthor(group.Certificate!.Policy), overlay.Now))
        {
            counters.TooMany++;
            End(search, AnycastOutcome.Denied, overlay);
            return;
        }

        known ??= _known.Add(search.Request);
        if (++known.VisitCount > VisitsMax)
        {
            counters.TooMany++;
        }
        else if (search.Visited.Contains(here))
        {
            GoOn(search, group.Id, overlay);
        }
        else if (group.TakerCount > 0 && !known.IsAsked && _asked.Count < AskedMax)
        {
            known.IsAsked = true;
            var ticket = ++_lastTicket;
            var deadline = overlay.Now + options.AnycastPatience;
            _asked.Add(ticket, new AskedMember(seen, group.Id, deadline));
            _alarm.Set(deadline, overlay);
            overlay.Perform(new AskMember(ticket, group.Id, search.Request));
        }
        else
        {
            GoOn(seen, group.Id, overlay);
        }
    }

    /// <summary>Goes on from this node of the tree: down to its children first, up to its parent last.</summary>
    private void GoOn(AnycastSearch search, GroupId id, IOverlay overlay)
    {
        var next = search.Next.ToList();
        if (trees.Find(id) is { IsAttached: true } group)
        {
            var tried = _known.Find(search.Request)?.Tried ?? [];
            AddNext(search, group, tried, next, overlay);
            if (next.Count > 0)
            {
                tried.Add(next[^1].Id);
            }
        }

        SendOn(search, next, overlay);
    }

    private static void AddNext(AnycastSearch search, GroupState group, HashSet<NodeId> tried, List<NodeHandle> next, IOverlay overlay)
    {
        var room = AnycastSearch.NextMax - next.Count;
        if (room > 0 && group.Parent is { } parent && IsNew(search, parent))
        {
            next.Insert(0, parent);
            room--;
        }

        NodeHandle[] children =
        [
            .. group.Children.Select(child => child.Node).Where(child => IsNew(search, child))
                .OrderBy(child => tried.Contains(child.Id)).ThenBy(child => overlay.RoundTripTo(child) ?? TimeSpan.MaxValue),
        ];
        if (children.Length > room && room > 1)
        {
            // It comes back here for the rest.
            next.Add(overlay.Self);
            room--;
        }

        next.AddRange(children.Take(room).Reverse());
    }

    private static bool IsNew(AnycastSearch search, NodeHandle node) =>
        !search.Visited.Contains(GroupState.Shorten(node.Id)) && !Array.Exists(search.Next, other => other.Id == node.Id);

    /// <summary>Sends a search to the next place in the tree. Who is dead is soon in no tree; who was only slow to take a child may answer.</summary>
    private void SendOn(AnycastSearch search, List<NodeHandle> next, IOverlay overlay)
    {
        while (next.Count > 0 && search.Visited.Length < AnycastSearch.VisitedMax)
        {
            var to = next[^1];
            next.RemoveAt(next.Count - 1);
            if (to.Id != overlay.Self.Id)
            {
                links.Send(to, new AnycastSearch(search.Client, search.Request, search.Visited, [.. next]), overlay);
                return;
            }
        }

        End(search, AnycastOutcome.NobodyAccepted, overlay);
    }

    /// <summary>Sends a search that has not met the tree yet closer to the group's id.</summary>
    private void SendTowards(AnycastSearch search, IOverlay overlay)
    {
        var id = search.Request.Group;
        if (roots.IsRootOf(id, overlay))
        {
            End(search, roots.Find(id) is null ? AnycastOutcome.NotFound : AnycastOutcome.NobodyAccepted, overlay);
            return;
        }

        foreach (var node in overlay.LocalLookup(id.Key, 8, safe: false))
        {
            if (!avoided.Contains(node.Id, overlay.Now))
            {
                links.Send(node, search, overlay);
                return;
            }
        }
    }

    private void End(AnycastSearch search, AnycastOutcome outcome, IOverlay overlay, ReadOnlyMemory<byte> reply = default)
    {
        var answer = new AnycastReply(search.Request.Operation, outcome, reply);
        if (search.Client.Equals(overlay.Self))
        {
            OnReply(overlay.Self, answer, overlay);
        }
        else
        {
            links.Send(search.Client, answer, overlay);
        }
    }

    private sealed record PendingAnycast(SignedBatch Request, Instant Deadline)
    {
        public Instant SendAgainAt { get; set; }
    }

    /// <summary>Is a search that waits for the answer of a member here.</summary>
    private sealed record AskedMember(AnycastSearch Search, GroupId Group, Instant Deadline);
}
