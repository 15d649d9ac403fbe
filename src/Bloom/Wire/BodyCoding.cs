namespace P2P.Bloom.Wire;

/// <summary>Says how bits are coded. The numbers stand on wires and never change.</summary>
internal enum BodyCoding
{
    /// <summary>All words, least significant byte first.</summary>
    Raw = 0,

    /// <summary>The gaps between set bits.</summary>
    Gaps = 1,
}
