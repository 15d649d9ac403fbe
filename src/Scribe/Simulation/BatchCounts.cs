using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Simulation;

/// <summary>Counts the messages with batches that one node sends and gets, and notes for all nodes which of them came late, by a replay.</summary>
/// <param name="replayed">Who got which batch by a replay, or from one who did; the same for all nodes.</param>
internal sealed class BatchCounts(HashSet<(NodeId Node, GroupId Group, NodeId Author, GroupPosition AuthorPosition)> replayed)
{
    public long SentCount { get; private set; }

    public long ReceivedCount { get; private set; }

    public void Received(PayloadContent? content) => ReceivedCount += content is BatchMessage ? 1 : 0;

    public void Sent(NodeHandle from, NodeHandle to, PayloadContent? content)
    {
        if (content is not BatchMessage message)
        {
            return;
        }

        SentCount++;
        if (message.Kind == ScribeMessageKind.Batch && (message.IsReplay || (replayed.Count > 0 && IsReplayed(from.Id, message.Batch))))
        {
            replayed.Add(KeyOf(to.Id, message.Batch));
        }
    }

    public bool IsReplayed(NodeId node, SignedBatch batch) => replayed.Contains(KeyOf(node, batch));

    private static (NodeId Node, GroupId Group, NodeId Author, GroupPosition AuthorPosition) KeyOf(NodeId node, SignedBatch batch) =>
        (node, batch.Group, batch.Author.NodeId, batch.AuthorPosition);
}
