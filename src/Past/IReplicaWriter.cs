namespace P2P.Past;

/// <summary>
/// Writes one replica, leaf after leaf. What was appended shows to nobody before <see cref="CompleteAsync"/>, which compares the root of
/// all leaves with the certificate.
/// </summary>
/// <remarks>
/// Disposing without completion keeps the leaves, so that a later writer of the same certificate goes on after them; of content of a single
/// leaf a store may keep nothing. Not for concurrent use. The wire's reader verifies each leaf as it comes; a writer that is fed from elsewhere finds wrong ones only at
/// completion.
/// </remarks>
public interface IReplicaWriter : IAsyncDisposable
{
    /// <summary>The certificate of the file.</summary>
    FileCertificate Certificate { get; }

    /// <summary>The index of the leaf to append next; the content's number of leaves when all are there.</summary>
    int NextLeaf { get; }

    /// <summary>Appends a leaf.</summary>
    /// <param name="leaf">The leaf with index <see cref="NextLeaf"/>, in its full length.</param>
    /// <param name="cancellationToken">Gives up; the leaf may then be appended again.</param>
    /// <exception cref="ArgumentException">
    /// It is another leaf's turn, or the leaf's length is not the one that the certificate implies.
    /// </exception>
    /// <exception cref="ReplicaStoreFullException">The room that there was at the beginning has gone to others, or the disk is full.</exception>
    ValueTask AppendAsync(ContentLeaf leaf, CancellationToken cancellationToken = default);

    /// <summary>Makes the replica durable, then visible.</summary>
    /// <param name="cancellationToken">Gives up as long as the replica is not visible.</param>
    /// <exception cref="InvalidOperationException">Leaves are missing.</exception>
    /// <exception cref="ContentVerificationException">The leaves are not the certificate's; they have been discarded.</exception>
    ValueTask CompleteAsync(CancellationToken cancellationToken = default);

    /// <summary>Removes what was appended and gives the space back. Does nothing after completion.</summary>
    ValueTask DiscardAsync();
}
