namespace P2P.Bloom;

/// <summary>Names the hash function of a filter. The numbers stand on wires and never change.</summary>
public enum BloomHashAlgorithm
{
    /// <summary>XXH64 under a public seed; with seed 0 the hash that Parquet's filters use.</summary>
    Xxh64 = 1,

    /// <summary>SipHash-2-4 with 128 bits of output, under a secret key.</summary>
    SipHash128 = 2,

    /// <summary>MD5, whose four 32-bit words are four hash functions.</summary>
    Md5 = 3,

    /// <summary>A function that the application supplies and names.</summary>
    Custom = 255,
}
