namespace P2P.Bloom.Wire;

/// <summary>Says what kind of filter the bytes hold. The numbers stand on wires and never change.</summary>
internal enum FilterKind
{
    Classic = 1,
    Partitioned = 2,
    Vector = 3,
    Blocked = 4,
    Counting = 5,
    Scalable = 6,
}
