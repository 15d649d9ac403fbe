using System.Diagnostics.CodeAnalysis;

namespace P2P.YouServ;

/// <summary>
/// Names a user as the organisation does, mostly by an address of e-mail: <c>joe@example.org</c>. Letters of the Latin alphabet are lower case,
/// so that one user has one id, however the name was typed.
/// </summary>
public readonly record struct UserId
{
    /// <summary>How many characters an id may have.</summary>
    public const int LengthMax = 254;

    private readonly string? _value;

    private UserId(string value) => _value = value;

    /// <summary>The id's text; empty for the default value, which names nobody.</summary>
    public string Value => _value ?? "";

    /// <summary>Reads an id.</summary>
    /// <param name="text">1 to <see cref="LengthMax"/> characters without spaces and control characters; what stands around it is trimmed.</param>
    /// <exception cref="FormatException">The text names no user.</exception>
    public static UserId Parse(string text) =>
        TryParse(text, out var id) ? id : throw new FormatException($"A user is named by 1 to {LengthMax} characters without spaces, such as joe@example.org; not by '{text}'.");

    /// <summary>Reads an id.</summary>
    /// <param name="text">The text.</param>
    /// <param name="id">The id.</param>
    /// <returns>Whether the text names a user.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out UserId id)
    {
        var trimmed = text?.Trim() ?? "";
        var isId = trimmed.Length is > 0 and <= LengthMax && !trimmed.Any(c => char.IsControl(c) || char.IsWhiteSpace(c) || char.IsSurrogate(c));
        id = isId ? new UserId(trimmed.ToLowerInvariant()) : default;
        return isId;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
