namespace P2P.Past;

/// <summary>Names consecutive leaves of content.</summary>
/// <param name="First">The index of the first leaf.</param>
/// <param name="Count">How many leaves.</param>
public readonly record struct LeafRange(int First, int Count)
{
    /// <summary>Gives the index after the last leaf.</summary>
    public int End => First + Count;
}
