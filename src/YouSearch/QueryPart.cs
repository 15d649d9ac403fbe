namespace P2P.YouSearch;

/// <summary>Is a word, or words that follow each other.</summary>
/// <param name="Words">The words, folded as those of documents are: one, or a phrase.</param>
/// <param name="IsPrefix">Whether the last of them is the beginning of a word.</param>
public sealed record QueryPart(IReadOnlyList<string> Words, bool IsPrefix);
