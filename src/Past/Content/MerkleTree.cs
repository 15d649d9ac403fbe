using System.Buffers;
using System.Security.Cryptography;

namespace P2P.Past;

/// <summary>
/// Computes the hash tree of RFC 6962 §2.1 (certificate transparency): a leaf is SHA-256(0x00 ‖ bytes), an inner node SHA-256(0x01 ‖ left ‖
/// right).
/// </summary>
/// <remarks>
/// The RFC splits n leaves at the largest power of two below n. Pairing neighbours level by level, and lifting the odd one out unchanged,
/// gives the same tree; and 2ⁱ leaves that start at a multiple of 2ⁱ are always a subtree, which is what segments rest on.
/// </remarks>
internal sealed class MerkleTree
{
    private const byte LeafPrefix = 0x00;
    private const byte NodePrefix = 0x01;

    [ThreadStatic]
    private static IncrementalHash? _leafHash;

    private readonly Hash256[][] _levels;

    /// <summary>Keeps all levels of a tree, so that each path costs a look-up a level.</summary>
    public MerkleTree(ReadOnlySpan<Hash256> leaves)
    {
        ArgumentOutOfRangeException.ThrowIfZero(leaves.Length);
        List<Hash256[]> levels = [leaves.ToArray()];
        while (levels[^1].Length > 1)
        {
            var level = levels[^1].AsSpan().ToArray();
            Array.Resize(ref level, Pair(level));
            levels.Add(level);
        }

        _levels = [.. levels];
    }

    public Hash256 Root => _levels[^1][0];

    /// <summary>Gives the siblings on the way from a leaf to the root, lowest first.</summary>
    public Hash256[] PathOf(int index)
    {
        var path = new Hash256[PathLength(index, _levels[0].Length)];
        var written = 0;
        foreach (var level in _levels)
        {
            var sibling = index ^ 1;
            if (sibling < level.Length)
            {
                path[written++] = level[sibling];
            }

            index >>= 1;
        }

        return path;
    }

    /// <summary>Counts the siblings on the way from a leaf to the root.</summary>
    public static int PathLength(int index, int leafCount)
    {
        var length = 0;
        for (; leafCount > 1; index >>= 1, leafCount = (leafCount + 1) >> 1)
        {
            length += (index ^ 1) < leafCount ? 1 : 0;
        }

        return length;
    }

    /// <summary>Computes the root that a leaf and the siblings on its way lead to.</summary>
    /// <param name="leaf">The leaf's hash.</param>
    /// <param name="index">The leaf's place.</param>
    /// <param name="leafCount">How many leaves the tree has.</param>
    /// <param name="path">The siblings, lowest first: exactly <see cref="PathLength"/>.</param>
    public static Hash256 RootOfPath(Hash256 leaf, int index, int leafCount, ReadOnlySpan<Hash256> path)
    {
        var node = leaf;
        for (; leafCount > 1; index >>= 1, leafCount = (leafCount + 1) >> 1)
        {
            if ((index ^ 1) < leafCount)
            {
                node = (index & 1) == 0 ? HashNode(node, path[0]) : HashNode(path[0], node);
                path = path[1..];
            }
        }

        return node;
    }

    /// <summary>Computes the root over leaf hashes.</summary>
    public static Hash256 RootOf(ReadOnlySpan<Hash256> leaves)
    {
        ArgumentOutOfRangeException.ThrowIfZero(leaves.Length);
        var rented = leaves.Length > ContentLayout.LeavesPerSegment ? ArrayPool<Hash256>.Shared.Rent(leaves.Length) : null;
        var level = rented is null ? stackalloc Hash256[ContentLayout.LeavesPerSegment] : rented;
        leaves.CopyTo(level);
        for (var count = leaves.Length; count > 1;)
        {
            count = Pair(level[..count]);
        }

        var root = level[0];
        if (rented is not null)
        {
            ArrayPool<Hash256>.Shared.Return(rented);
        }

        return root;
    }

    public static Hash256 HashLeaf(ReadOnlySpan<byte> bytes)
    {
        // One-shot hashing has no room for the prefix, and a fresh hash object a leaf would cost more than hashing a small one.
        var sha = _leafHash ??= IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> hash = stackalloc byte[Hash256.ByteLength];
        sha.AppendData([LeafPrefix]);
        sha.AppendData(bytes);
        sha.GetHashAndReset(hash);
        return Hash256.FromBytes(hash);
    }

    public static Hash256 HashNode(in Hash256 left, in Hash256 right)
    {
        Span<byte> input = stackalloc byte[1 + 2 * Hash256.ByteLength];
        input[0] = NodePrefix;
        left.WriteBytes(input[1..]);
        right.WriteBytes(input[(1 + Hash256.ByteLength)..]);
        return Hash256.Compute(input);
    }

    /// <summary>Replaces a level by the one above it, in place, and gives that one's length.</summary>
    private static int Pair(Span<Hash256> level)
    {
        for (var left = 0; left + 1 < level.Length; left += 2)
        {
            level[left >> 1] = HashNode(level[left], level[left + 1]);
        }

        var above = (level.Length + 1) >> 1;
        if ((level.Length & 1) == 1)
        {
            level[above - 1] = level[^1];
        }

        return above;
    }
}
