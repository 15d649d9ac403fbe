namespace P2P.Pastry.Transport.Tcp;

/// <summary>Is a range of versions of the wire; two hosts speak the highest that both know.</summary>
internal readonly record struct VersionRange(int Min, int Max)
{
    /// <summary>What this library speaks.</summary>
    public static readonly VersionRange Supported = new(1, 1);

    /// <summary>Gives the highest version in both ranges, or 0 if there is none.</summary>
    public int HighestCommon(VersionRange other)
    {
        var highest = Math.Min(Max, other.Max);
        return highest >= Math.Max(Min, other.Min) ? highest : 0;
    }

    public override string ToString() => Min == Max ? $"{Min}" : $"{Min}–{Max}";
}
