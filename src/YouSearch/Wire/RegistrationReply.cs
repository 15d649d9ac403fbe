namespace P2P.YouSearch.Wire;

/// <summary>Answers a registration.</summary>
/// <param name="IsKnown">Whether the summaries are known now; else they are wanted whole.</param>
/// <param name="RefreshSeconds">How often the site is to be heard.</param>
/// <param name="Parts">In how many parts changes are wanted: 1, or one for each vector.</param>
internal sealed record RegistrationReply(bool IsKnown, double RefreshSeconds, int Parts);
