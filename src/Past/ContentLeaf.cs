namespace P2P.Past;

/// <summary>
/// Carries a leaf of content with its hash. The hash is always that of the bytes, since only hashing makes one; whether it is the hash that
/// the file's certificate promises is for the receiver to compare.
/// </summary>
/// <remarks>
/// Who checks a leaf and who stores it share one hashing. The bytes may lie in a pooled buffer: whoever hands out a leaf says how long they
/// stay.
/// </remarks>
public readonly record struct ContentLeaf
{
    private ContentLeaf(int index, ReadOnlyMemory<byte> bytes, Hash256 hash)
    {
        Index = index;
        Bytes = bytes;
        Hash = hash;
    }

    /// <summary>The leaf's place in the content, from 0.</summary>
    public int Index { get; }

    /// <summary>The leaf's bytes.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>The leaf's hash in the <see cref="ContentTree"/>.</summary>
    public Hash256 Hash { get; }

    /// <summary>Hashes a leaf. The bytes are not copied and must stay as they are while the leaf is in use.</summary>
    /// <param name="index">The leaf's place in the content, from 0.</param>
    /// <param name="bytes">The leaf's bytes, at most <see cref="ContentLayout.LeafSize"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The index is negative or the leaf too long.</exception>
    public static ContentLeaf Compute(int index, ReadOnlyMemory<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, ContentLayout.LeafSize);
        return new ContentLeaf(index, bytes, MerkleTree.HashLeaf(bytes.Span));
    }
}
