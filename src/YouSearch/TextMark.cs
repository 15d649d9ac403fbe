namespace P2P.YouSearch;

/// <summary>Marks a part of a text.</summary>
/// <param name="Start">The first character, as UTF-16 counts.</param>
/// <param name="Length">How many characters.</param>
public readonly record struct TextMark(int Start, int Length);
