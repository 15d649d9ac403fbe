namespace P2P.YouSearch;

/// <summary>Says who recommends a document, and to whom.</summary>
/// <param name="User">Who, as the coordinator knows the user.</param>
/// <param name="Group">The group to whose members it is recommended.</param>
public sealed record RecommendedBy(string User, string Group);
