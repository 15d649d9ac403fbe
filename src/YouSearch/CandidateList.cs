namespace P2P.YouSearch;

/// <summary>Is what a registrar answers to a query.</summary>
public sealed record CandidateList
{
    /// <summary>The sites that may have an answer.</summary>
    public required IReadOnlyList<Candidate> Candidates { get; init; }

    /// <summary>The registrar's count of changes at this moment.</summary>
    public required long Sequence { get; init; }

    /// <summary>Who has gathered the answer a while ago, for the same rights; null if nobody has. What it says of candidates that are not <see cref="Candidate.IsCurrentInCache"/> does not count.</summary>
    public Candidate? Cache { get; init; }

    /// <summary>Whether all vectors of the summaries could be asked; else more sites are named than need be.</summary>
    public bool IsExact { get; init; } = true;

    /// <summary>Whether all sites are named that may have an answer; else there are more than the registrar names at once, and those are left out that it came to know last.</summary>
    public bool IsComplete { get; init; } = true;
}
