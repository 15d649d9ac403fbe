namespace P2P.YouSearch.Wire;

/// <summary>Names the sites that may have an answer.</summary>
internal sealed record CandidatesReply
{
    public required IReadOnlyList<CandidateView> Candidates { get; init; }

    public required long Sequence { get; init; }

    public CandidateView? Cache { get; init; }

    public required bool IsExact { get; init; }

    public required bool IsComplete { get; init; }

    public static CandidatesReply Of(CandidateList list) => new()
    {
        Candidates = [.. list.Candidates.Select(CandidateView.Of)],
        Sequence = list.Sequence,
        Cache = list.Cache is null ? null : CandidateView.Of(list.Cache),
        IsExact = list.IsExact,
        IsComplete = list.IsComplete,
    };

    /// <summary>Reads the list.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public CandidateList Read() => new()
    {
        Candidates = [.. Candidates.Select(view => view.Read())],
        Sequence = Sequence,
        Cache = Cache?.Read(),
        IsExact = IsExact,
        IsComplete = IsComplete,
    };
}
