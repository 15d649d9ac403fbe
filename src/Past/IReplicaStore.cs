namespace P2P.Past;

/// <summary>
/// Keeps a node's replicas: certified files, each written once and read many times. A store never gives out a byte that does not hash as
/// the file's certificate says.
/// </summary>
/// <remarks>
/// <para>Signatures are not the store's matter: whoever writes has verified the certificate.</para>
/// <para>A store of one's own compares roots with a <see cref="ContentTreeBuilder"/>, and is tested with the contract in tests/Past.Tests/Contract.</para>
/// <para>All members may be called concurrently. Those that read or write throw <see cref="PastException"/> when the medium fails and
/// <see cref="ObjectDisposedException"/> after disposal.</para>
/// </remarks>
public interface IReplicaStore : IReplicaCatalog, IAsyncDisposable
{
    /// <summary>Begins to write a replica leaf by leaf, or goes on with one whose writing was interrupted.</summary>
    /// <param name="certificate">The file's certificate. There must be room for all of its content; space is taken leaf by leaf, as they are appended.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The writer, which the caller disposes of; its <see cref="IReplicaWriter.NextLeaf"/> tells where to go on.</returns>
    /// <exception cref="ReplicaExistsException">The id is stored, being written or being removed.</exception>
    /// <exception cref="ReplicaReclaimedException">The owner has taken the file back.</exception>
    /// <exception cref="ReplicaStoreFullException">There is no room.</exception>
    ValueTask<IReplicaWriter> BeginAsync(FileCertificate certificate, CancellationToken cancellationToken = default);

    /// <summary>Stores a replica whose content is in memory; it is durable when the call returns.</summary>
    /// <param name="certificate">The file's certificate.</param>
    /// <param name="content">The content, which is verified.</param>
    /// <param name="cancellationToken">Gives up as long as nothing is written.</param>
    /// <exception cref="ReplicaExistsException">The id is stored, being written or being removed.</exception>
    /// <exception cref="ReplicaReclaimedException">The owner has taken the file back.</exception>
    /// <exception cref="ReplicaStoreFullException">There is no room.</exception>
    /// <exception cref="ContentVerificationException">The content is not the certificate's.</exception>
    ValueTask StoreAsync(FileCertificate certificate, ReadOnlyMemory<byte> content, CancellationToken cancellationToken = default);

    /// <summary>Opens a replica for reading. Deletion does not disturb who has it open.</summary>
    /// <param name="fileId">The file.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The content, which the caller disposes of, or null when no replica is stored.</returns>
    /// <exception cref="ReplicaCorruptException">The certificate or the hashes are damaged.</exception>
    ValueTask<IVerifiedContent?> OpenReadAsync(FileId fileId, CancellationToken cancellationToken = default);

    /// <summary>Deletes a replica; it stays deleted, also after a crash, when the call returns.</summary>
    /// <param name="fileId">The file.</param>
    /// <param name="cancellationToken">Gives up as long as nothing is deleted.</param>
    /// <returns>False when no replica is stored.</returns>
    ValueTask<bool> DeleteAsync(FileId fileId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Deletes a replica, where there is one, because its owner takes the file back, and remembers that: until it is forgotten, the file is not stored
    /// here again. Durable when the call returns. What is remembered already stays as it is. How much is remembered is bounded: what was never held, and can be made by anybody,
    /// is forgotten first.
    /// </summary>
    /// <param name="certificate">The owner's word, which has been verified.</param>
    /// <param name="reclaimedAt">When the node learnt of it, from 1970; it is cut to whole milliseconds.</param>
    /// <param name="cancellationToken">Gives up as long as nothing is deleted.</param>
    /// <returns>What is remembered.</returns>
    /// <exception cref="ReplicaExistsException">The id is being written or removed; try again later.</exception>
    /// <exception cref="ReplicaStoreFullException">The file is not held, and no more can be remembered.</exception>
    ValueTask<ReclaimedReplica> ReclaimAsync(ReclaimCertificate certificate, DateTimeOffset reclaimedAt, CancellationToken cancellationToken = default);

    /// <summary>Finds what is remembered of a file that its owner has taken back; null where it has not.</summary>
    /// <param name="fileId">The file.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<ReclaimedReplica?> FindReclaimedAsync(FileId fileId, CancellationToken cancellationToken = default);

    /// <summary>Forgets files that were taken back before a time: they could be stored here again, as by a node that comes back after it.</summary>
    /// <param name="before">The time.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How many.</returns>
    ValueTask<int> ForgetReclaimedAsync(DateTimeOffset before, CancellationToken cancellationToken = default);

    /// <summary>
    /// Reads a replica in full and checks every hash. A damaged one is put aside: it is not stored any more and can be written anew.
    /// </summary>
    /// <param name="fileId">The file.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<ReplicaCondition> VerifyAsync(FileId fileId, CancellationToken cancellationToken = default);

    /// <summary>
    /// Checks the medium itself, as far as it has a form of its own, and puts aside or removes what belongs to no replica. A store that has no more than its replicas has
    /// nothing to do here, which is the default.
    /// </summary>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>How much was found that belongs to no replica.</returns>
    /// <exception cref="PastException">The medium is damaged; the message says what to do.</exception>
    ValueTask<int> SweepAsync(CancellationToken cancellationToken = default) => ValueTask.FromResult(0);
}
