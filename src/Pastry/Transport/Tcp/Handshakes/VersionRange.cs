namespace P2P.Pastry.Transport.Tcp;

/// <summary>
/// Is a range of versions of what hosts say to each other: hellos, frames, control messages and chunks. Two hosts speak the highest that both
/// know. What nodes say within frames has no part in it.
/// </summary>
internal readonly record struct VersionRange(int Min, int Max)
{
    /// <summary>From this version on, a host says which of its nodes are about to stop (<see cref="ControlKind.NodeLeaving"/>).</summary>
    public const int TellsLeaving = 2;

    /// <summary>What this library speaks.</summary>
    public static readonly VersionRange Supported = new(1, 2);

    /// <summary>Gives the highest version that is in both ranges; null where none is.</summary>
    public int? HighestWith(VersionRange other) => Math.Min(Max, other.Max) is var highest && highest >= Math.Max(Min, other.Min) ? highest : null;

    public override string ToString() => Min == Max ? $"{Min}" : $"{Min}–{Max}";
}
