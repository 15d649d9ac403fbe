using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>
/// The side of the desk that sees to it that a majority has what is acknowledged, and that those of whom it is one are those that keep the state. They change by one node at a
/// time, and the next time when a majority knows of the last: so each majority has a node in common with each of the set before (Ongaro and Ousterhout, Raft; §4.1 of Ongaro's thesis).
/// </summary>
internal sealed partial class RootDesk
{
    /// <summary>Makes those who decide the same as those that keep the state, by one step if it is time for one.</summary>
    private void ReviewQuorum(RootRecord record, IOverlay overlay)
    {
        var quorum = record.Quorum;
        if (record.Added is { } added && !Answers(record, added, overlay))
        {
            // It is silent, so that there may be no majority with it. Without it they are who they were, so that nothing is lost by going back at once.
            ChangeQuorum(record, [.. quorum.Nodes.Where(node => node.Id != added)], added: null, overlay);
            return;
        }

        if (!quorum.IsMajority(CountOf(record, overlay, keeper => keeper.QuorumVersion == quorum.Version && keeper.Acknowledged.Epoch == record.Last.Epoch)))
        {
            return;
        }

        record.Added = null;
        var wanted = ClosestTo(record.Group, options.ReplicaCount, overlay);
        if (!wanted.Exists(node => node.Id == overlay.Self.Id))
        {
            return;
        }

        foreach (var node in quorum.Nodes)
        {
            if (node.Id != overlay.Self.Id && !(wanted.Exists(other => other.Id == node.Id) && Answers(record, node.Id, overlay)))
            {
                ChangeQuorum(record, [.. quorum.Nodes.Where(other => other.Id != node.Id)], added: null, overlay);
                return;
            }
        }

        foreach (var node in wanted)
        {
            if (!quorum.Contains(node.Id) && (node.Id == overlay.Self.Id || IsUpToDate(record, node.Id, overlay)))
            {
                ChangeQuorum(record, [.. quorum.Nodes, node], node.Id == overlay.Self.Id ? null : node.Id, overlay);
                return;
            }
        }
    }

    /// <summary>A rendezvous point that no majority answers any more does not go on: what it takes is not safe, and others may have taken over.</summary>
    private void SeeWhetherAlone(RootRecord record, IOverlay overlay)
    {
        if (record.Quorum.IsMajority(CountOf(record, overlay, keeper => Answers(keeper, overlay))))
        {
            record.AloneSince = Instant.Never;
        }
        else if (record.AloneSince == Instant.Never)
        {
            record.AloneSince = overlay.Now;
        }
        else if (overlay.Now - record.AloneSince >= options.FailureTimeout)
        {
            StepDown(record, overlay);
            if (Claim(record.Group, overlay) is { } claim)
            {
                claim.BeganAt = record.AloneSince;
            }
        }
    }

    /// <summary>Up to which number a majority has all of the epoch.</summary>
    private ulong SafeOf(RootRecord record, IOverlay overlay)
    {
        var quorum = record.Quorum;
        Span<ulong> numbers = stackalloc ulong[quorum.Nodes.Length];
        for (var i = 0; i < numbers.Length; i++)
        {
            var node = quorum.Nodes[i].Id;
            numbers[i] = node == overlay.Self.Id ? record.Last.Number : 0;
            foreach (var keeper in record.Keepers)
            {
                if (keeper.Node.Id == node && keeper.Acknowledged.Epoch == record.Last.Epoch)
                {
                    numbers[i] = keeper.Acknowledged.Number;
                }
            }
        }

        numbers.Sort();
        return numbers.Length == 0 ? record.Last.Number : numbers[(numbers.Length - 1) / 2];
    }

    /// <summary>Counts those who decide that meet a condition; this node meets each.</summary>
    private static int CountOf(RootRecord record, IOverlay overlay, Predicate<Keeper> condition)
    {
        var count = record.Quorum.Contains(overlay.Self.Id) ? 1 : 0;
        foreach (var keeper in record.Keepers)
        {
            count += record.Quorum.Contains(keeper.Node.Id) && condition(keeper) ? 1 : 0;
        }

        return count;
    }

    private bool Answers(RootRecord record, NodeId node, IOverlay overlay) =>
        record.Keepers.Find(keeper => keeper.Node.Id == node) is { } keeper && Answers(keeper, overlay);

    private bool Answers(Keeper keeper, IOverlay overlay) =>
        !avoided.Contains(keeper.Node.Id, overlay.Now) && links.Find(keeper.Node.Id) is { } link && overlay.Now - link.HeardAt <= options.FailureTimeout;

    private bool IsUpToDate(RootRecord record, NodeId node, IOverlay overlay) =>
        record.Keepers.Find(keeper => keeper.Node.Id == node) is { } keeper
        && Answers(keeper, overlay)
        && keeper.Acknowledged.Epoch == record.Last.Epoch
        && keeper.Acknowledged.Number + WindowMax >= record.Last.Number;

    private void ChangeQuorum(RootRecord record, NodeHandle[] nodes, NodeId? added, IOverlay overlay)
    {
        var version = record.Quorum.Version;
        record.Quorum = new Quorum(new GroupPosition(record.Last.Epoch, (version.Epoch == record.Last.Epoch ? version.Number : 0) + 1), nodes);
        record.Added = added;
        foreach (var keeper in record.Keepers)
        {
            TellQuorum(record, keeper, overlay);
        }
    }

    private void TellQuorum(RootRecord record, Keeper keeper, IOverlay overlay)
    {
        if (keeper.Acknowledged.Epoch == record.Last.Epoch)
        {
            keeper.ToldAt = overlay.Now;
            links.Send(keeper.Node, UpdateOf(record, withAuthors: false), overlay);
            _alarm.Set(overlay.Now + ResendAfter, overlay);
        }
    }
}
