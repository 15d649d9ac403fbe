namespace P2P.Past;

/// <summary>
/// Reads a certified file at random; every byte that it gives out has been checked against the certificate. Safe for concurrent use.
/// </summary>
public interface IVerifiedContent : IAsyncDisposable
{
    /// <summary>The file's certificate.</summary>
    FileCertificate Certificate { get; }

    /// <summary>The roots of the segments' subtrees, which lead to the certificate's root.</summary>
    ReadOnlyMemory<Hash256> SegmentRoots { get; }

    /// <summary>Reads the leaf hashes of a segment.</summary>
    /// <param name="segment">The segment, from 0.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentOutOfRangeException">The content has no such segment.</exception>
    /// <exception cref="ReplicaCorruptException">The stored hashes are damaged.</exception>
    ValueTask<ReadOnlyMemory<Hash256>> ReadLeafHashesAsync(int segment, CancellationToken cancellationToken = default);

    /// <summary>Reads a leaf.</summary>
    /// <param name="leaf">The leaf, from 0.</param>
    /// <param name="destination">
    /// Takes the leaf: at least as long as <see cref="ContentLayout.LengthOf"/> says. It may hold unverified bytes until the call returns.
    /// </param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="ArgumentException">The content has no such leaf, or the destination is too short.</exception>
    /// <exception cref="ReplicaCorruptException">The stored leaf is damaged; the destination has been cleared.</exception>
    ValueTask ReadLeafAsync(int leaf, Memory<byte> destination, CancellationToken cancellationToken = default);
}
