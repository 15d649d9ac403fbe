namespace P2P.Past;

/// <summary>
/// Computes the root of a <see cref="MerkleTree"/> as leaves come one by one, and keeps only the roots of its complete subtrees.
/// </summary>
internal sealed class MerkleFrontier
{
    // One for each bit that is set in the number of leaves, the largest subtree first.
    private readonly Stack<Hash256> _subtrees = new();

    public int LeafCount { get; private set; }

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

    /// <summary>Gives the root over the leaves so far, of which there must be one.</summary>
    public Hash256 Root()
    {
        using var smallestFirst = _subtrees.GetEnumerator();
        smallestFirst.MoveNext();
        var root = smallestFirst.Current;
        while (smallestFirst.MoveNext())
        {
            root = MerkleTree.HashNode(smallestFirst.Current, root);
        }

        return root;
    }
}
