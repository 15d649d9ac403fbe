namespace P2P.YouSearch.Protocol;

/// <summary>Says why a registrar does not do what it was asked for.</summary>
/// <param name="Kind">What kind of reason it is.</param>
/// <param name="Reason">What it is, for people.</param>
internal sealed record Refusal(RefusalKind Kind, string Reason);
