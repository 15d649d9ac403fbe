namespace P2P.Bloom.Hashing;

/// <summary>Hashes with XXH64 under a public seed.</summary>
internal sealed class Xxh64Hasher(ulong seed) : BloomHasher(BloomHashAlgorithm.Xxh64, fingerprint: seed)
{
    public override BloomHash Hash(ReadOnlySpan<byte> element) => BloomHash.FromUInt64(Xxh64.Hash(element, Fingerprint));

    public override BloomHash Hash(ulong element) => BloomHash.FromUInt64(Xxh64.Hash(element, Fingerprint));
}
