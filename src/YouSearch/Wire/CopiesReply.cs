namespace P2P.YouSearch.Wire;

/// <summary>Names copies of sites that are silent.</summary>
internal sealed record CopiesReply
{
    public IReadOnlyList<CandidateView> Copies { get; init => field = value ?? []; } = [];
}
