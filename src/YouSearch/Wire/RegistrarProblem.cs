namespace P2P.YouSearch.Wire;

/// <summary>Says why a request had no success (RFC 9457).</summary>
/// <param name="Title">What kind of problem it is, in a word that programs compare.</param>
/// <param name="Detail">What happened and what to do, for people.</param>
internal sealed record RegistrarProblem(string Title, string Detail);
