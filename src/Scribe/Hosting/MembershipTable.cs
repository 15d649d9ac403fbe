using System.Collections.Concurrent;
using System.Collections.Immutable;
using P2P.Pastry;
using P2P.Scribe.Protocol;

namespace P2P.Scribe;

/// <summary>Knows the memberships of this node's users, and gives them what the machine delivers.</summary>
internal sealed class MembershipTable(INodePort port)
{
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<GroupId, ImmutableArray<GroupMembership>> _members = new();
    private BatchSigner? _nodeSigner;
    private uint _lastEpoch;

    /// <summary>Begins a membership. Those of the same author in the same group publish in one order.</summary>
    public GroupMembership Add(GroupCertificate certificate, JoinOptions options)
    {
        var signer = options.Author is { } author ? BatchSigner.Of(author) : _nodeSigner ??= BatchSigner.Of(port);
        lock (_gate)
        {
            var desk = Of(certificate.Id).FirstOrDefault(member => member.Author.Author == signer.PublicKey.NodeId)?.Author
                ?? new AuthorDesk(port, certificate, signer, options.Capability, NextEpoch(), options.PublicationsMax);
            var membership = new GroupMembership(this, port, certificate, desk, options);
            _members[certificate.Id] = Of(certificate.Id).Add(membership);
            return membership;
        }
    }

    /// <summary>Ends a membership.</summary>
    public async ValueTask RemoveAsync(GroupMembership membership)
    {
        lock (_gate)
        {
            var left = Of(membership.Id).Remove(membership);
            if (!left.Any(member => member.Author == membership.Author))
            {
                membership.Author.End();
            }

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
                await port.PostAsync(new LeaveGroup(membership.Id), port.Stopping).ConfigureAwait(false);
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

    public void Report(ReportGap gap) => Give(Of(gap.Group), new GroupEvent.Gap(gap.First, gap.Last));

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

    /// <summary>Lives of an author begin at different seconds, whatever the clock does.</summary>
    private uint NextEpoch() => _lastEpoch = Math.Max(_lastEpoch + 1, (uint)port.Time.GetUtcNow().ToUnixTimeSeconds());

    private ImmutableArray<GroupMembership> Of(GroupId group) => _members.TryGetValue(group, out var members) ? members : [];
}
