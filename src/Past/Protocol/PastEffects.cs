using System.Collections.Immutable;
using P2P.Past.Wire;
using P2P.Pastry;

namespace P2P.Past.Protocol;

/// <summary>Is something that the machine wants its shell to do; most answer with an input that repeats the token.</summary>
internal abstract record PastEffect;

/// <summary>Asks whether the owner signed this certificate, and a broker permitted it where that is asked for; answered by <see cref="CertificateChecked"/>.</summary>
internal sealed record CheckCertificate(ulong Token, NodeId Client, FileCertificate Certificate) : PastEffect;

/// <summary>
/// Asks to check the certificate, to store the content durably (given, or fetched from one of the sources) and to sign a receipt; answered by
/// <see cref="ReplicaKept"/>.
/// </summary>
internal sealed record KeepReplica(FileCertificate Certificate, ReadOnlyMemory<byte>? Content, NodeHandle[] Sources, bool IsRepair = false) : PastEffect;

/// <summary>Asks to end the fetching of a replica, if it goes on; it is answered as ever, and what has come may serve the next one.</summary>
internal sealed record EndFetch(FileId FileId) : PastEffect;

/// <summary>Asks to check the certificate of a replica that a neighbour holds in this node's stead, and to sign a receipt; answered by <see cref="ReplicaKept"/>.</summary>
internal sealed record AnswerForReplica(FileCertificate Certificate) : PastEffect;

/// <summary>Asks to serve content that this node does not keep, as it comes from its sources, until <see cref="EndRelay"/>.</summary>
internal sealed record RelayReplica(KeepReplica Replica) : PastEffect;

/// <summary>Asks to end what <see cref="RelayReplica"/> began.</summary>
internal sealed record EndRelay(FileId FileId) : PastEffect;

/// <summary>Asks to check a holder's receipt; answered by <see cref="ReceiptChecked"/>.</summary>
internal sealed record CheckReceipt(ulong Operation, FileCertificate Certificate, NodeHandle Holder, StoreReceipt Receipt) : PastEffect;

/// <summary>
/// Asks to read a stored file, for a client that looks it up or, with operation 0, for a node that wants a replica; answered by
/// <see cref="ReplicaRead"/>. Where there is no replica, a client is given a cached copy.
/// </summary>
/// <param name="Operation">The client's operation.</param>
/// <param name="To">Who asks.</param>
/// <param name="FileId">The file.</param>
/// <param name="IsForCopy">Whether it is asked for to be cached, and is no lookup.</param>
internal sealed record ReadReplica(ulong Operation, NodeHandle To, FileId FileId, bool IsForCopy = false) : PastEffect;

/// <summary>Asks to delete a replica that k other nodes hold; answered by <see cref="ReplicaDropped"/> where that was done.</summary>
internal sealed record DropReplica(FileId FileId) : PastEffect;

/// <summary>Tells the user how an insert ended.</summary>
internal sealed record InsertEnded(ulong Operation, InsertResult Result) : PastEffect;

/// <summary>Tells the user how far an insert is.</summary>
internal sealed record InsertProgressed(ulong Operation, int Receipts, int Replicas) : PastEffect;

/// <summary>Asks to check what a holder gave, and to hand it to the user; where it is wrong, or there is no time to look, answered by <see cref="LookupRejected"/>.</summary>
internal sealed record LookupAnswered(ulong Operation, NodeHandle Holder, FileCertificate Certificate, ReadOnlyMemory<byte>? Content, NodeHandle[] Others, TimeSpan Age = default) : PastEffect;

/// <summary>Tells the user that a lookup found nothing.</summary>
internal sealed record LookupFailed(ulong Operation, bool Certain) : PastEffect;

/// <summary>
/// Asks to check that an owner takes a file back, to give the replica up where there is one, to remember that where this node should hold the file,
/// and to sign a receipt, also for a replica of that length that a neighbour holds in this node's stead; answered by <see cref="ReplicaReclaimed"/>.
/// </summary>
internal sealed record ReclaimReplica(ulong Operation, NodeHandle From, ReclaimCertificate Certificate, bool IsHolder, long? DivertedBytes) : PastEffect;

/// <summary>Asks to forget the files that were taken back long enough ago.</summary>
internal sealed record ForgetReclaimed : PastEffect;

/// <summary>Asks to tell a node that offers files which of them their owners have taken back.</summary>
internal sealed record TellReclaimed(NodeHandle To, FileId FileId) : PastEffect;

/// <summary>Asks to check a receipt; answered by <see cref="ReclaimReceiptChecked"/>.</summary>
internal sealed record CheckReclaimReceipt(ulong Operation, NodeHandle Holder, ReclaimReceipt Receipt) : PastEffect;

/// <summary>Tells the user how it ended that a file was taken back, and with which nodes' word, not verified, that they never held it and refuse it.</summary>
internal sealed record ReclaimEnded(ulong Operation, ReclaimResult Result, ImmutableArray<ReclaimReceipt> Refusing) : PastEffect;

/// <summary>
/// Asks whether a certificate, and the content where that is given, are what they should be; answered by <see cref="CopyChecked"/>.
/// </summary>
internal sealed record CheckCopy(ulong Operation, NodeHandle Source, FileCertificate Certificate, ReadOnlyMemory<byte>? Content) : PastEffect;

/// <summary>
/// Asks to delete cached copies, and in their room to keep another, whose certificate has been checked, its content given or fetched from the source; always answered
/// by <see cref="CopyKept"/>.
/// </summary>
internal sealed record KeepCopy(FileCertificate Certificate, ReadOnlyMemory<byte>? Content, NodeHandle Source, FileId[] Evicted) : PastEffect;

/// <summary>Asks to delete cached copies.</summary>
internal sealed record DropCopies(FileId[] FileIds) : PastEffect;

/// <summary>Tells the shell how far the node is with the replicas that others lack.</summary>
internal sealed record RepairsProgressed(RepairProgress Progress) : PastEffect;

/// <summary>Tells who retires the node that it holds nothing any more, and that nothing is on its way to it.</summary>
internal sealed record RetirementEnded : PastEffect;

/// <summary>Is an outcome or a command that the shell gives the machine.</summary>
internal abstract record PastInput;

internal sealed record CertificateChecked(ulong Token, RefusalCode Refusal) : PastInput;

internal sealed record ReplicaKept(FileId FileId, StoreReceipt? Receipt, RefusalCode Refusal) : PastInput;

internal sealed record ReceiptChecked(ulong Operation, NodeHandle Holder, StoreReceipt Receipt, bool Valid) : PastInput;

/// <summary>What the shell has read; no certificate where the file could not be read, and no content where that travels apart.</summary>
internal sealed record ReplicaRead(ReadReplica Request, FileCertificate? Certificate, ReadOnlyMemory<byte>? Content) : PastInput;

/// <summary>What a holder gave is not the file, or could not be checked.</summary>
internal sealed record LookupRejected(ulong Operation, NodeHandle Holder, bool WasChecked = true) : PastInput;

/// <summary>A replica has been found damaged and is stored no more; another is to be fetched.</summary>
internal sealed record ReplicaDamaged(FileId FileId) : PastInput;

/// <summary>A replica that others hold has been deleted.</summary>
internal sealed record ReplicaDropped(FileId FileId) : PastInput;

/// <summary>The node is to leave for good: others are to hold what it has. <see cref="RetirementEnded"/> tells when they do.</summary>
internal sealed record BeginRetirement : PastInput;

/// <summary>What became of a file that was taken back here; no receipt where this node neither held it nor should have.</summary>
internal sealed record ReplicaReclaimed(ReclaimReplica Request, ReclaimReceipt? Receipt) : PastInput;

/// <summary>The proof that a file was taken back, for a node that offers it.</summary>
internal sealed record ReclaimFound(NodeHandle To, ReclaimCertificate Certificate) : PastInput;

internal sealed record ReclaimReceiptChecked(ulong Operation, NodeHandle Holder, ReclaimReceipt Receipt, bool Valid) : PastInput;

internal sealed record StartReclaim(ulong Operation, ReclaimCertificate Certificate) : PastInput;

internal sealed record StartInsert(ulong Operation, FileCertificate Certificate, ReadOnlyMemory<byte>? Content) : PastInput;

/// <summary>Starts a lookup.</summary>
/// <param name="Operation">What its outcome repeats.</param>
/// <param name="FileId">The file.</param>
/// <param name="Distrusted">
/// Nodes that have not given what they said they hold; null or empty for a first lookup. With them, the search goes past caches to those that should hold the file.
/// </param>
internal sealed record StartLookup(ulong Operation, FileId FileId, NodeId[]? Distrusted = null) : PastInput;

internal sealed record CancelOperation(ulong Operation) : PastInput;

/// <summary>Is an outcome for the node's cache.</summary>
internal abstract record CacheInput : PastInput;

internal sealed record CopyChecked(CheckCopy Copy, bool Valid) : CacheInput;

/// <summary>Tells whether a copy has been written. Where it has not, nothing of it is left.</summary>
internal sealed record CopyKept(FileId FileId, bool IsKept) : CacheInput;

/// <summary>A cached copy has been found damaged, and is there no more.</summary>
internal sealed record CopyDamaged(FileId FileId) : CacheInput;

/// <summary>A user's lookup was answered with what has been checked, and may be cached. Without the content, that would be fetched from the holder.</summary>
internal sealed record AnswerBelieved(LookupAnswered Answer) : CacheInput;
