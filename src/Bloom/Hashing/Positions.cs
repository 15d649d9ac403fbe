namespace P2P.Bloom.Hashing;

/// <summary>Asks a hasher that has positions of its own, and holds it to them.</summary>
internal static class Positions
{
    public static void Locate(BloomHasher hasher, BloomHash hash, long length, Span<long> positions)
    {
        hasher.Locate(hash, length, positions);
        foreach (var position in positions)
        {
            if (position < 0 || position >= length)
            {
                throw new InvalidOperationException($"{hasher.GetType().Name} located an element at {position} in a vector of {length} bits.");
            }
        }
    }
}
