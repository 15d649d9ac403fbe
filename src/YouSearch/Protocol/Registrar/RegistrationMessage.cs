using P2P.YouServ;

namespace P2P.YouSearch.Protocol;

/// <summary>Is a registration as it travels.</summary>
internal sealed record RegistrationMessage
{
    public required SiteName Site { get; init; }

    /// <summary>The number of the index's state.</summary>
    public required long Generation { get; init; }

    public required SummaryNews Public { get; init; }

    public required SummaryNews Members { get; init; }

    public SummaryNews Of(SummaryScope scope) => scope == SummaryScope.Public ? Public : Members;
}
