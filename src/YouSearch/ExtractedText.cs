namespace P2P.YouSearch;

/// <summary>Is what can be read in a document.</summary>
/// <param name="Type">What kind of document it is, as <c>type:</c> names it: lower case letters and digits, such as <c>pdf</c>.</param>
/// <param name="Title">What the document calls itself; null where it does not.</param>
/// <param name="Text">Its text.</param>
/// <param name="IsCut">Whether the document has more text than the limits let through.</param>
public sealed record ExtractedText(string Type, string? Title, string Text, bool IsCut = false);
