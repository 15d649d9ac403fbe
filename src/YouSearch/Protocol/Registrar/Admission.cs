namespace P2P.YouSearch.Protocol;

/// <summary>Says what becomes of a registration.</summary>
internal abstract record Admission
{
    private Admission()
    {
    }

    /// <summary>Nothing.</summary>
    /// <param name="Refusal">Why.</param>
    public sealed record Refused(Refusal Refusal) : Admission;

    /// <summary>Nothing, as it says less than is needed: the registrar does not have what it begins at.</summary>
    public sealed record Unknown : Admission
    {
        public static Unknown Instance { get; } = new();
    }

    /// <summary>The site lives on with what its owner has registered.</summary>
    public sealed record Kept : Admission
    {
        public static Kept Instance { get; } = new();
    }

    /// <summary>It is to be brought to the vectors, and <see cref="RegistrarMachine.Complete"/> told how that went.</summary>
    /// <param name="Site">The site.</param>
    public sealed record Taken(RegisteredSite Site) : Admission;
}
