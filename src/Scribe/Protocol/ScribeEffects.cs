using P2P.Pastry;
using P2P.Scribe.Wire;

namespace P2P.Scribe.Protocol;

/// <summary>Is what the machine wants the shell to do.</summary>
internal abstract record ScribeEffect;

/// <summary>Verify a signature: of a <see cref="SignedBatch"/>, a <see cref="GroupCertificate"/>, or a <see cref="GroupCapability"/>.</summary>
internal sealed record Verify(ulong Ticket, object Statement) : ScribeEffect;

/// <summary>Give a batch to the member: in order, where it is ordered.</summary>
internal sealed record Deliver(GroupId Group, BatchMessage Batch) : ScribeEffect;

/// <summary>Tell the member that batches are lost to it: of the stream that the rendezvous point orders, whose id is zero, or of an author's.</summary>
internal sealed record ReportGap(GroupId Group, NodeId StreamId, ulong First, ulong Last) : ScribeEffect;

/// <summary>Tell the member that messages which are not ordered were dropped on their way to it.</summary>
internal sealed record ReportDropped(GroupId Group, int Count) : ScribeEffect;

/// <summary>Tell who waits for a group to begin.</summary>
internal sealed record CreateEnded(ulong Operation, CreateOutcome? Outcome) : ScribeEffect;

/// <summary>Tell who waits to be a member; null where nobody could be reached.</summary>
internal sealed record JoinEnded(ulong Operation, bool TakesAnycasts, JoinOutcome? Outcome, GroupCertificate? Certificate) : ScribeEffect;

/// <summary>Tell the members that they are none any more: there is no such group, or they are not invited.</summary>
internal sealed record MembershipsEnded(GroupId Group, MembershipEnd Cause) : ScribeEffect;

/// <summary>Give who has asked what this node does.</summary>
internal sealed record SnapshotTaken(ulong Operation, ScribeSnapshot Snapshot) : ScribeEffect;

/// <summary>Say in the group that this node's members are there.</summary>
internal sealed record SayPresent(GroupId Group) : ScribeEffect;

/// <summary>Tell members that somebody is in the group.</summary>
internal sealed record MemberJoined(GroupId Group, NodeId Member) : ScribeEffect;

/// <summary>Tell members that somebody is in the group no more.</summary>
internal sealed record MemberLeft(GroupId Group, NodeId Member) : ScribeEffect;

/// <summary>Ask a member that takes anycasts; the answer is an <see cref="AnswerAnycast"/> of the same ticket.</summary>
internal sealed record AskMember(ulong Ticket, GroupId Group, SignedBatch Request) : ScribeEffect;

/// <summary>Tell who has asked for any member; null where nobody has answered.</summary>
internal sealed record AnycastEnded(ulong Operation, AnycastOutcome? Outcome, NodeId Node, ReadOnlyMemory<byte> Reply) : ScribeEffect;

/// <summary>Tell what became of a batch: one that is not ordered is taken when it is on its way; null where nobody could be reached, so that it is not known.</summary>
internal sealed record PublicationEnded(GroupId Group, NodeId Author, bool IsOrdered, GroupPosition AuthorPosition, PublicationOutcome? Outcome, GroupPosition Position) : ScribeEffect;
