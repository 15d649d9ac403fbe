using P2P.Bloom.Wire;

namespace P2P.Bloom.Matrix;

/// <summary>Says where an owner's column stands, and which version of its filter is in it.</summary>
internal sealed class MatrixEntry<TOwner>(TOwner owner, MatrixGroup<TOwner> group, int page, int column)
{
    public TOwner Owner { get; } = owner;

    public MatrixGroup<TOwner> Group { get; } = group;

    public int Page { get; } = page;

    public int Column { get; } = column;

    /// <summary>The filter's shape as the owner has it, before it was folded.</summary>
    public FilterShape Shape { get; set; }

    /// <summary>The fingerprint of the filter as the owner has it.</summary>
    public ulong Fingerprint { get; set; }
}
