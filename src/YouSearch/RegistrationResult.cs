namespace P2P.YouSearch;

/// <summary>Is what a registrar answers to a registration.</summary>
/// <param name="IsKnown">Whether it knows the summaries now. Else it does not have what the differences begin at: tell it without a base.</param>
/// <param name="RefreshInterval">How often it wants to hear of the site.</param>
public sealed record RegistrationResult(bool IsKnown, TimeSpan RefreshInterval);
