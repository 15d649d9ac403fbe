namespace P2P.YouServ;

/// <summary>Says on whose behalf a machine has said something, after that was verified.</summary>
/// <param name="Visitor">The user, as visitors of a site are known.</param>
/// <param name="Site">The user's own site.</param>
/// <param name="MadeAt">When it was said, by the coordinator's clock.</param>
public sealed record UserProof(Visitor Visitor, SiteName Site, DateTimeOffset MadeAt)
{
    /// <summary>How old a proof may be that comes with a request, and by how much clocks may differ.</summary>
    public static TimeSpan AgeMax { get; } = TimeSpan.FromMinutes(5);
}
