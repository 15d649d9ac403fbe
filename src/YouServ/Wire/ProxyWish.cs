namespace P2P.YouServ.Wire;

/// <summary>A peer that nobody can reach asks who would carry its visitors' connections.</summary>
internal sealed record ProxyWish
{
    /// <summary>The sites whose peers it has tried in vain.</summary>
    public IReadOnlyList<string> Excluding { get; init => field = value ?? []; } = [];
}
