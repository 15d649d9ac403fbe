namespace P2P.YouSearch.Protocol;

/// <summary>Says how large may be what registrars are asked and told.</summary>
internal static class RegistrarBounds
{
    /// <summary>How many alternatives a query has: one for each of its types, and one for each group whose recommendations are looked for.</summary>
    public const int AlternativesMax = 64;

    /// <summary>The recommendations to how many groups of a user are looked for: those that sort first.</summary>
    public const int RecommendingGroupsMax = 48;

    /// <summary>How many hashes an alternative has.</summary>
    public const int HashesMax = 64;

    /// <summary>To how many sites a query may be limited.</summary>
    public const int SitesMax = 1_000;

    /// <summary>How many characters the name of a group has.</summary>
    public const int GroupLengthMax = 256;

    /// <summary>How many characters a <see cref="CandidateQuery.Key"/> has.</summary>
    public const int KeyLengthMax = 64;

    /// <summary>How many sites a report names.</summary>
    public const int ReportedMax = 1_000;

    /// <summary>How many groups of an owner count: those that sort first.</summary>
    public const int GroupsMax = 1_000;
}
