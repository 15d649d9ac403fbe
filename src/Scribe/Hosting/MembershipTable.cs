using System.Collections.Concurrent;
using System.Collections.Immutable;
using P2P.Pastry;
using P2P.Scribe.Protocol;

namespace P2P.Scribe;

/// <summary>Knows the memberships of this node's users, and gives them what the machine delivers.</summary>
internal sealed class MembershipTable(INodePort port, ScribeMetrics metrics, KnownBatches? known)
{
    /// <summary>The latest life that others can have one begin behind: millions are left then.</summary>
    private const uint EpochMax = 0xF000_0000;

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<GroupId, ImmutableArray<GroupMembership>> _members = new();
    private BatchSigner? _nodeSigner;
    private uint _lastEpoch;

    /// <summary>Signs in the node's own name.</summary>
    public BatchSigner NodeSigner => _nodeSigner ??= BatchSigner.Of(port);

    /// <summary>Begins a membership. Those of the same author in the same group publish in one order.</summary>
    public GroupMembership Add(GroupCertificate certificate, JoinOptions options)
    {
        var signer = options.Author is { } author ? BatchSigner.Of(author) : NodeSigner;
        lock (_gate)
        {
            var desk = Of(certificate.Id).FirstOrDefault(member => member.Author.Author == signer.PublicKey.NodeId && !member.IsEnding)?.Author;
            if (desk is null)
            {
                desk = new AuthorDesk(port, metrics, known, certificate, signer, options.Capability, NextEpoch(after: 0), NextEpoch, options.PublicationsMax);
            }
            else if (options.Capability is { } renewed)
            {
                desk.Renew(renewed);
            }

            var membership = new GroupMembership(this, port, certificate, desk, options);
            if (Of(certificate.Id) is [var other, ..])
            {
                foreach (var known in other.Members)
                {
                    membership.OnJoined(known);
                }
            }

            _members[certificate.Id] = Of(certificate.Id).Add(membership);
            return membership;
        }
    }

    /// <summary>Ends a membership.</summary>
    public async ValueTask RemoveAsync(GroupMembership membership)
    {
        bool isLast;
        lock (_gate)
        {
            membership.IsEnding = true;
            isLast = !Of(membership.Id).Any(member => member.Author == membership.Author && !member.IsEnding);
        }

        if (isLast)
        {
            await membership.Author.EndAsync(saysSo: membership.Certificate.Policy.ShowsMembers).ConfigureAwait(false);
        }

        lock (_gate)
        {
            if (!Of(membership.Id).Contains(membership))
            {
                // It has ended from within meanwhile.
                return;
            }

            var left = Of(membership.Id).Remove(membership);
            if (left.IsEmpty)
            {
                _members.TryRemove(membership.Id, out _);
            }
            else
            {
                _members[membership.Id] = left;
            }
        }

        if (!port.Stopping.IsCancellationRequested)
        {
            try
            {
                await port.PostAsync(new LeaveGroup(membership.Id, membership.TakesAnycasts), port.Stopping).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OperationCanceledException or PastryException)
            {
                // The node stops, and is in no group any more.
            }
        }
    }

    public void Deliver(Deliver delivery)
    {
        var members = Of(delivery.Group);
        if (members.IsEmpty)
        {
            return;
        }

        var batch = delivery.Batch.Batch;
        GroupPosition? position = batch.IsOrdered ? delivery.Batch.Position : null;
        foreach (var item in batch.Items())
        {
            var message = new GroupMessage { Author = batch.Author.NodeId, Class = item.Class, Key = item.Key, Position = position, Content = item.Content };
            Give(members, new GroupEvent.Received(message));
        }
    }

    /// <summary>Says in a group that this node's members are there.</summary>
    public void SayPresent(GroupId group)
    {
        foreach (var author in Of(group).Select(member => member.Author).Distinct())
        {
            author.SayPresent();
        }
    }

    public void OnJoined(MemberJoined joined)
    {
        foreach (var member in Of(joined.Group))
        {
            member.OnJoined(joined.Member);
        }
    }

    public void OnLeft(MemberLeft left)
    {
        foreach (var member in Of(left.Group))
        {
            member.OnLeft(left.Member);
        }
    }

    /// <summary>Asks the memberships that take anycasts, one after the other; where none does, or its reader is behind, nobody here accepts.</summary>
    public void Ask(AskMember ask) => Ask(ask, new Queue<GroupMembership>(Of(ask.Group).Where(member => member.TakesAnycasts)));

    private void Ask(AskMember ask, Queue<GroupMembership> members)
    {
        var request = new AnycastRequest(ask.Request.Author.NodeId, ask.Request.FirstContent, AnswerAsync);
        while (members.TryDequeue(out var member))
        {
            if (member.TryGive(new GroupEvent.Anycast(request)))
            {
                return;
            }
        }

        port.Start(() => AnswerAsync(accepts: false, default).AsTask());

        async ValueTask AnswerAsync(bool accepts, ReadOnlyMemory<byte> reply)
        {
            if (!accepts && members.Count > 0)
            {
                Ask(ask, members);
                return;
            }

            try
            {
                await port.PostAsync(new AnswerAnycast(ask.Ticket, accepts, reply), port.Stopping).ConfigureAwait(false);
            }
            catch (Exception exception) when (exception is OperationCanceledException or PastryException)
            {
                // The node stops; whoever asked goes on without it.
            }
        }
    }

    public void Report(ReportGap gap) => Give(Of(gap.Group), new GroupEvent.Gap(gap.First, gap.Last) { Author = gap.StreamId == default ? null : gap.StreamId });

    public void Report(ReportDropped dropped) => Give(Of(dropped.Group), new GroupEvent.Dropped(dropped.Count));

    public void OnEnded(PublicationEnded ended)
    {
        foreach (var author in Of(ended.Group).Select(member => member.Author).Distinct())
        {
            if (author.Author == ended.Author)
            {
                author.OnEnded(ended);
            }
        }
    }

    /// <summary>The node is in the group's tree no more, and nobody has left: the members are told, and need not leave.</summary>
    public void OnEnded(MembershipsEnded ended)
    {
        ImmutableArray<GroupMembership> members;
        lock (_gate)
        {
            if (!_members.TryRemove(ended.Group, out members))
            {
                return;
            }
        }

        foreach (var member in members)
        {
            member.Author.End();
            member.EndWith(ended.Cause);
        }
    }

    public void EndAll()
    {
        foreach (var members in _members.Values)
        {
            foreach (var member in members)
            {
                member.Author.End();
                member.End();
            }
        }
    }

    private static void Give(ImmutableArray<GroupMembership> members, GroupEvent happened)
    {
        foreach (var member in members)
        {
            member.Give(happened);
        }
    }

    /// <summary>Lives of an author begin at different seconds, whatever the clock does. Others may say that one has to begin behind theirs, as long as there are some left.</summary>
    private uint NextEpoch(uint after)
    {
        if (after > EpochMax)
        {
            return 0;
        }

        var now = (uint)port.Time.GetUtcNow().ToUnixTimeSeconds();
        while (true)
        {
            var last = Volatile.Read(ref _lastEpoch);
            var next = Math.Max(Math.Max(last, after) + 1, now);
            if (Interlocked.CompareExchange(ref _lastEpoch, next, last) == last)
            {
                return next;
            }
        }
    }

    private ImmutableArray<GroupMembership> Of(GroupId group) => _members.TryGetValue(group, out var members) ? members : [];
}
