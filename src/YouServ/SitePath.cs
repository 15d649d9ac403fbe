using System.Diagnostics.CodeAnalysis;

namespace P2P.YouServ;

/// <summary>
/// Names a file or a folder of a site: names with slashes between them, without one in front, such as <c>holiday/beach.jpg</c>. The site's own folder is
/// the empty path. A path never leads out of the site: no part is empty, <c>.</c> or <c>..</c>, or holds what separates names on any system.
/// </summary>
public readonly record struct SitePath
{
    /// <summary>How many bytes of UTF-8 a path may have.</summary>
    public const int LengthMax = 4096;

    /// <summary>How many bytes of UTF-8 one name in it may have.</summary>
    public const int NameLengthMax = 255;

    private readonly string? _value;

    private SitePath(string value) => _value = value;

    /// <summary>The folder of the site itself.</summary>
    public static SitePath Root => default;

    /// <summary>The path's text, without a slash at either end.</summary>
    public string Value => _value ?? "";

    /// <summary>Whether this is the folder of the site itself.</summary>
    public bool IsRoot => Value.Length == 0;

    /// <summary>The last name; empty for the root.</summary>
    public string Name => Value[(Value.LastIndexOf('/') + 1)..];

    /// <summary>The folder that this lies in; of the root, the root.</summary>
    public SitePath Parent => Value.LastIndexOf('/') is var slash and > 0 ? new SitePath(Value[..slash]) : Root;

    /// <summary>Whether a name in it begins with a dot, as those do that systems hide.</summary>
    public bool IsHidden => Value.StartsWith('.') || Value.Contains("/.", StringComparison.Ordinal);

    /// <summary>Reads a path.</summary>
    /// <param name="text">Names with slashes between them, decoded; one slash at each end is passed over.</param>
    /// <exception cref="FormatException">The text names nothing that a site may hold.</exception>
    public static SitePath Parse(string text) =>
        TryParse(text, out var path) ? path : throw new FormatException($"'{text}' is no path in a site: names with slashes between them, none of them '.' or '..'.");

    /// <summary>Reads a path.</summary>
    /// <param name="text">Names with slashes between them, decoded; one slash at each end is passed over.</param>
    /// <param name="path">The path.</param>
    /// <returns>Whether the text names something that a site may hold.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out SitePath path)
    {
        path = default;
        if (text is null)
        {
            return false;
        }

        var inner = text.AsSpan();
        inner = inner.StartsWith('/') ? inner[1..] : inner;
        inner = inner.EndsWith('/') ? inner[..^1] : inner;
        if (inner.IsEmpty)
        {
            return text.Length <= 1;
        }

        if (System.Text.Encoding.UTF8.GetByteCount(inner) > LengthMax)
        {
            return false;
        }

        foreach (var part in inner.Split('/'))
        {
            if (!IsName(inner[part]))
            {
                return false;
            }
        }

        path = new SitePath(inner.Length == text.Length ? text : inner.ToString());
        return true;
    }

    /// <summary>Names something in this folder.</summary>
    /// <param name="name">One name.</param>
    /// <exception cref="FormatException">The name is none that a site may hold.</exception>
    public SitePath Append(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return IsName(name) ? new SitePath(IsRoot ? name : $"{Value}/{name}") : throw new FormatException($"'{name}' is no name of a file or a folder.");
    }

    /// <summary>Tells whether this lies in a folder, or is that folder.</summary>
    /// <param name="folder">The folder.</param>
    public bool IsWithin(SitePath folder) =>
        folder.IsRoot
        || (Value.StartsWith(folder.Value, StringComparison.Ordinal) && (Value.Length == folder.Value.Length || Value[folder.Value.Length] == '/'));

    /// <summary>Says where something is whose folder has moved.</summary>
    /// <param name="from">Where the folder was, in which this lies.</param>
    /// <param name="to">Where it is.</param>
    internal SitePath Rebase(SitePath from, SitePath to) => new($"{to.Value}{Value[from.Value.Length..]}");

    /// <inheritdoc/>
    public override string ToString() => $"/{Value}";

    private static bool IsName(ReadOnlySpan<char> name) =>
        name is not ([] or "." or "..")
        && !name.ContainsAny("/\\")
        && !name.ContainsAnyInRange('\0', '\x1f')
        && !name.Contains('\x7f')
        && IsWellFormed(name)
        && System.Text.Encoding.UTF8.GetByteCount(name) <= NameLengthMax;

    /// <summary>A half of a pair of surrogates has no bytes of its own: two names would be one on the disk.</summary>
    private static bool IsWellFormed(ReadOnlySpan<char> name)
    {
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsSurrogate(name[i]) && !(i + 1 < name.Length && char.IsSurrogatePair(name[i], name[++i])))
            {
                return false;
            }
        }

        return true;
    }
}
