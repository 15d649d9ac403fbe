using P2P.Pastry;
using P2P.Pastry.Simulation;
using P2P.Scribe;
using P2P.Scribe.Simulation;

namespace PaperFigures.Experiments.Groups;

/// <summary>Notes which messages of one group were published, and when which member got which, and finds what is wrong with it.</summary>
internal sealed class MessageWatch(PastrySimulation overlay)
{
    private readonly List<Message> _messages = [];
    private readonly Dictionary<(NodeId Author, ulong Number), Message> _byAuthor = [];
    private readonly Dictionary<GroupPosition, Message> _byPosition = [];
    private readonly Dictionary<int, Reader> _readers = [];

    /// <summary>The messages that were acknowledged to their authors.</summary>
    public IEnumerable<Message> Acknowledged => _messages.Where(message => message.IsAcknowledged);

    /// <summary>
    /// How often a member got a message at a place that does not come after the place before, or one of an author's messages after a later one of that author, or once more; or a place's
    /// message that is not the one that another member got there.
    /// </summary>
    public int OutOfOrder { get; private set; }

    /// <summary>Begins to note what becomes of a message.</summary>
    public Message Publish(VirtualGroups groups, SimulatedNode author, GroupId group)
    {
        var message = new Message(overlay.Now);
        var number = groups.Publish(author, group, place => message.IsAcknowledged = place is not null);
        _messages.Add(message);
        _byAuthor.Add((author.Handle.Id, number), message);
        return message;
    }

    /// <summary>Takes what a member got.</summary>
    public void Note(SimulatedNode member, VirtualDelivery delivery)
    {
        if (!_readers.TryGetValue(member.Host, out var reader))
        {
            _readers.Add(member.Host, reader = new Reader());
        }

        // A message may be delivered before the call that publishes it has returned: to its author, where that is the rendezvous point as well.
        if (!_byAuthor.TryGetValue((delivery.Author, delivery.Number), out var message))
        {
            message = _messages[^1];
        }

        var isAgreed = _byPosition.TryAdd(delivery.Position, message) || _byPosition[delivery.Position] == message;
        OutOfOrder += isAgreed && reader.IsInOrder(delivery) ? 0 : 1;
        message.Arrivals.TryAdd(member.Host, new Arrival(overlay.Now, delivery.IsReplayed));
    }

    /// <summary>Is a message, and what became of it.</summary>
    public sealed class Message(Instant publishedAt)
    {
        public Instant PublishedAt => publishedAt;

        public bool IsAcknowledged { get; set; }

        /// <summary>When it came to which member, by the number of the member's host.</summary>
        public Dictionary<int, Arrival> Arrivals { get; } = [];
    }

    /// <summary>Says when a message came, and whether it had to be sent again on the way.</summary>
    public readonly record struct Arrival(Instant At, bool IsReplayed);

    private sealed class Reader
    {
        private readonly Dictionary<NodeId, ulong> _lastOf = [];
        private GroupPosition _last;

        public bool IsInOrder(VirtualDelivery delivery)
        {
            var isInOrder = delivery.Position > _last && delivery.Number > _lastOf.GetValueOrDefault(delivery.Author);
            _last = delivery.Position;
            _lastOf[delivery.Author] = delivery.Number;
            return isInOrder;
        }
    }
}
