namespace P2P.Past;

/// <summary>
/// Computes the root of a <see cref="ContentTree"/>, or of one of its segments, as leaves come one by one: what a store of one's own compares with
/// <see cref="FileCertificate.ContentRoot"/> when a replica is complete. It keeps the roots of complete subtrees only, at most 22 hashes.
/// </summary>
/// <example>
/// <code>
/// builder.Add(leaf.Hash); // for each leaf that a writer appends, and for each that it finds when it goes on with an interrupted one
/// if (builder.Root() != certificate.ContentRoot) { throw new ContentVerificationException(…); }
/// </code>
/// </example>
public sealed class ContentTreeBuilder
{
    // One for each bit that is set in the number of leaves, the largest subtree first.
    private readonly Stack<Hash256> _subtrees = new();

    /// <summary>How many leaves there are so far.</summary>
    public int LeafCount { get; private set; }

    /// <summary>Adds the next leaf.</summary>
    /// <param name="leaf">The leaf's hash, as <see cref="ContentLeaf.Hash"/> gives it.</param>
    public void Add(Hash256 leaf)
    {
        // Each trailing one in the number of leaves is a complete subtree as large as what is being added.
        for (var bits = LeafCount; (bits & 1) == 1; bits >>= 1)
        {
            leaf = MerkleTree.HashNode(_subtrees.Pop(), leaf);
        }

        _subtrees.Push(leaf);
        LeafCount++;
    }

    /// <summary>Gives the root over the leaves so far; more may be added afterwards.</summary>
    /// <exception cref="InvalidOperationException">There is no leaf; empty content is one empty leaf.</exception>
    public Hash256 Root()
    {
        using var smallestFirst = _subtrees.GetEnumerator();
        if (!smallestFirst.MoveNext())
        {
            throw new InvalidOperationException("A tree has one leaf or more: add the hash of an empty leaf for empty content.");
        }

        var root = smallestFirst.Current;
        while (smallestFirst.MoveNext())
        {
            root = MerkleTree.HashNode(smallestFirst.Current, root);
        }

        return root;
    }
}
