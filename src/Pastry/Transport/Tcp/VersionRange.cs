namespace P2P.Pastry.Transport.Tcp;

/// <summary>
/// Is a range of versions of what hosts say to each other: hellos, frames, control messages and chunks. Two hosts speak the highest that both
/// know. What nodes say within frames has no part in it.
/// </summary>
internal readonly record struct VersionRange(int Min, int Max)
{
    /// <summary>What this library speaks.</summary>
    public static readonly VersionRange Supported = new(1, 1);

    /// <summary>Tells whether some version is in both ranges.</summary>
    public bool Meets(VersionRange other) => Math.Min(Max, other.Max) >= Math.Max(Min, other.Min);

    public override string ToString() => Min == Max ? $"{Min}" : $"{Min}–{Max}";
}
