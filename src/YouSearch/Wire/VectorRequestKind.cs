namespace P2P.YouSearch.Wire;

/// <summary>Says what is asked of who holds a vector. The numbers stand on the wire.</summary>
internal enum VectorRequestKind : byte
{
    /// <summary>Whether it is there, and in which epoch.</summary>
    Hello = 0,

    /// <summary>Which sites have the hashes.</summary>
    Find = 1,

    /// <summary>A site's vector.</summary>
    Set = 2,

    /// <summary>What changes in a site's vector.</summary>
    Change = 3,

    /// <summary>A site is gone.</summary>
    Remove = 4,
}
