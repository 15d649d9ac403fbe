namespace P2P.YouSearch.Wire;

/// <summary>Says which sites have not answered.</summary>
/// <param name="Sites">The sites.</param>
internal sealed record SilentReport(IReadOnlyList<string> Sites);
