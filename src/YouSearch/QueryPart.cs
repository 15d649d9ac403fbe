namespace P2P.YouSearch;

/// <summary>Is a word, or words that follow each other.</summary>
/// <param name="Words">The words, folded as those of documents are: one, or a phrase.</param>
/// <param name="IsPrefix">Whether the last of them is the beginning of a word.</param>
public sealed record QueryPart(IReadOnlyList<string> Words, bool IsPrefix)
{
    /// <summary>The part as a query writes it.</summary>
    internal string Canonical => (Words, IsPrefix) switch
    {
        ([var word], false) => word,
        ([var word], true) => $"{word}*",
        (_, false) => $"\"{string.Join(' ', Words)}\"",
        _ => $"\"{string.Join(' ', Words)}*\"",
    };

    /// <summary>Tells whether both ask for the same.</summary>
    public bool Equals(QueryPart? other) => other is not null && other.IsPrefix == IsPrefix && other.Words.SequenceEqual(Words);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Words.Count, Words.Count > 0 ? Words[0] : "", IsPrefix);
}
