using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>Is what the shell tells the machine: a user's command, or the outcome of an effect.</summary>
internal abstract record ScribeInput;

/// <summary>Begins a group.</summary>
internal sealed record CreateGroup(ulong Operation, GroupCertificate Certificate) : ScribeInput;

/// <summary>Makes this node a member.</summary>
internal sealed record JoinGroup(ulong Operation, GroupId Group, GroupCapability? Capability, HistoryWish History, bool TakesAnycasts) : ScribeInput;

/// <summary>Ends one of this node's memberships.</summary>
internal sealed record LeaveGroup(GroupId Group, bool TakesAnycasts) : ScribeInput;

/// <summary>Nobody waits any more to be a member.</summary>
internal sealed record CancelJoin(ulong Operation, GroupId Group) : ScribeInput;

/// <summary>Publishes what has been signed. Batches of a kind come in the order of their numbers.</summary>
internal sealed record PublishBatch(SignedBatch Batch) : ScribeInput;

/// <summary>Asks what this node does for the ring's groups.</summary>
internal sealed record TakeSnapshot(ulong Operation) : ScribeInput;

/// <summary>Looks for a member that accepts what has been signed.</summary>
internal sealed record StartAnycast(ulong Operation, SignedBatch Request) : ScribeInput;

/// <summary>Nobody waits any more for a member that accepts.</summary>
internal sealed record CancelAnycast(ulong Operation) : ScribeInput;

/// <summary>Says whether a member accepts.</summary>
internal sealed record AnswerAnycast(ulong Ticket, bool Accepts, ReadOnlyMemory<byte> Reply) : ScribeInput;

/// <summary>Says whether what was to be verified was signed by whom it names, and for how long it is good yet: null where it does not expire, negative where it has.</summary>
internal sealed record Verified(ulong Ticket, bool IsRight, TimeSpan? Lifetime = null) : ScribeInput
{
    /// <summary>The second since 1970 when a batch was verified; 0 where nobody has looked.</summary>
    public uint Clock { get; init; }
}
