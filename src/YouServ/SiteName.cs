using System.Diagnostics.CodeAnalysis;

namespace P2P.YouServ;

/// <summary>Names a site: one label of DNS in lower case, such as the <c>joe</c> of <c>joe.userv.example</c>.</summary>
public readonly record struct SiteName
{
    /// <summary>How many characters a label of DNS may have (RFC 1035 §2.3.4).</summary>
    public const int LengthMax = 63;

    private readonly string? _value;

    private SiteName(string value) => _value = value;

    /// <summary>The label; empty for the default value, which names no site.</summary>
    public string Value => _value ?? "";

    /// <summary>Reads a name.</summary>
    /// <param name="text">1 to <see cref="LengthMax"/> of a–z, 0–9 and hyphens, which stand neither first nor last; upper case counts as lower case.</param>
    /// <exception cref="FormatException">The text is no label.</exception>
    public static SiteName Parse(string text) =>
        TryParse(text, out var name) ? name : throw new FormatException($"A site is named by 1 to {LengthMax} letters a–z, digits and inner hyphens; not by '{text}'.");

    /// <summary>Reads a name.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">The name.</param>
    /// <returns>Whether the text is a label.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out SiteName name)
    {
        var isName = text is { Length: > 0 and <= LengthMax }
            && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-')
            && text[0] != '-'
            && text[^1] != '-';
        name = isName ? new SiteName(text!.ToLowerInvariant()) : default;
        return isName;
    }

    /// <inheritdoc/>
    public override string ToString() => Value;
}
