namespace P2P.YouSearch;

/// <summary>Is a passage of a document: text, and no markup, whatever the document holds.</summary>
/// <param name="Text">The passage, of at most <see cref="LengthMax"/> characters.</param>
/// <param name="Marks">Where the words of the query stand in it: first character and number of characters, ascending, not overlapping.</param>
public sealed record Snippet(string Text, IReadOnlyList<TextMark> Marks)
{
    /// <summary>How many characters a passage has at most.</summary>
    public const int LengthMax = 300;

    /// <summary>No passage.</summary>
    public static Snippet Empty { get; } = new("", []);
}
