namespace P2P.Bloom;

/// <summary>
/// Holds the hash of an element, from which a filter of any kind and size derives its positions: compute it once, ask many filters. Filters
/// take only hashes of their own <see cref="MembershipFilter.Hasher"/>, or of one equal to it.
/// </summary>
/// <param name="Low">The first 64 bits; a <see cref="BlockedBloomFilter"/> uses these alone.</param>
/// <param name="High">The other 64 bits; with a hash of 64 bits, a mixture of the first.</param>
public readonly record struct BloomHash(ulong Low, ulong High)
{
    /// <summary>Makes a hash from 64 bits that are distributed evenly already, for example those of another library.</summary>
    /// <param name="value">The bits, which become <see cref="Low"/>.</param>
    public static BloomHash FromUInt64(ulong value)
    {
        var mixed = (value ^ (value >> 32)) * 0xD6E8FEB86659FD93;
        return new BloomHash(value, mixed ^ (mixed >> 29));
    }
}
