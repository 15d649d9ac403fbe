using P2P.YouServ;

namespace P2P.YouSearch;

/// <summary>Is what a peer asks the registrar.</summary>
public sealed record CandidateQuery
{
    /// <summary>Alternatives, by hashes of <see cref="SummaryTerms"/>: a site is named whose summary holds all of one of them. Registrars never see words.</summary>
    public IReadOnlyList<IReadOnlyList<ulong>> Alternatives { get; init; } = [];

    /// <summary>Sites to which the query is limited, by name; then those are named, whatever their summaries hold. Empty for all.</summary>
    public IReadOnlyList<SiteName> Sites { get; init; } = [];

    /// <summary>The work group, in lower case, to whose members' sites the query is limited: then those are named, whatever their summaries hold. Null for all.</summary>
    public string? Group { get; init; }

    /// <summary>What names the query for those who cache answers: a hash of its canonical form, at most 64 characters. Empty where cached answers are not wanted.</summary>
    public string Key { get; init; } = "";
}
