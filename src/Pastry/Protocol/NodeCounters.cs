using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>Counts what a node has done since it started.</summary>
internal sealed class NodeCounters
{
    private const int PromptlyRoutedIndex = (int)MessageKind.Confirmation + 1;

    private readonly long[] _sent = new long[PromptlyRoutedIndex + 1];

    public long Delivered { get; set; }

    public long Forwarded { get; set; }

    public long HopTimeouts { get; set; }

    public long DroppedUnderway { get; set; }

    public long DroppedWaiting { get; set; }

    public long DroppedLoops { get; set; }

    public long UnknownMessages { get; set; }

    /// <summary>How often the node has asked for another to be measured.</summary>
    public long Echoes { get; set; }

    public long Suspected { get; set; }

    public long FoundDead { get; set; }

    /// <summary>Messages of this node that another, or itself, has confirmed.</summary>
    public long Confirmed { get; set; }

    /// <summary>Those that nobody confirmed, however often they were sent.</summary>
    public long Unconfirmed { get; set; }

    /// <summary>Those that were not sent, since too many waited.</summary>
    public long NotStarted { get; set; }

    /// <summary>How often a message was sent once more.</summary>
    public long Repeated { get; set; }

    public long Joins { get; set; }

    public long JoinsFailed { get; set; }

    /// <summary>Counts a message; of kinds that this node only passes on, no more is known than that they are routed.</summary>
    public void Sent(MessageKind kind) => _sent[IndexOf(kind)]++;

    public long SentOf(MessageKind kind) => _sent[IndexOf(kind)];

    /// <summary>Everything sent but routed messages, their acknowledgements and confirmations, and applications' own messages.</summary>
    public long ControlSent =>
        _sent.Sum() - SentOf(MessageKind.Routed) - SentOf(MessageKind.PromptlyRouted) - SentOf(MessageKind.Acknowledgement) - SentOf(MessageKind.Confirmation) - SentOf(MessageKind.Direct);

    /// <summary>Adds what another node has counted.</summary>
    public void Add(NodeCounters other)
    {
        Delivered += other.Delivered;
        Forwarded += other.Forwarded;
        HopTimeouts += other.HopTimeouts;
        DroppedUnderway += other.DroppedUnderway;
        DroppedWaiting += other.DroppedWaiting;
        DroppedLoops += other.DroppedLoops;
        UnknownMessages += other.UnknownMessages;
        Echoes += other.Echoes;
        Suspected += other.Suspected;
        FoundDead += other.FoundDead;
        Confirmed += other.Confirmed;
        Unconfirmed += other.Unconfirmed;
        NotStarted += other.NotStarted;
        Repeated += other.Repeated;
        Joins += other.Joins;
        JoinsFailed += other.JoinsFailed;
        for (var kind = 0; kind < _sent.Length; kind++)
        {
            _sent[kind] += other._sent[kind];
        }
    }

    private static int IndexOf(MessageKind kind) =>
        kind == MessageKind.PromptlyRouted ? PromptlyRoutedIndex
        : kind >= MessageKinds.LaterRouted ? (int)MessageKind.Routed
        : (int)kind;
}
