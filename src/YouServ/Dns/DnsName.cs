using System.Diagnostics.CodeAnalysis;

namespace P2P.YouServ.Dns;

/// <summary>
/// Is a name of DNS, such as <c>joe.userv.example</c>; always from the root, whether a dot ends it or not. Names that differ in case only are the same; the text is in lower case.
/// </summary>
public readonly record struct DnsName
{
    /// <summary>How many characters the text of a name may have, without a dot at its end (RFC 1035 §2.3.4 counts 255 bytes on the wire).</summary>
    public const int LengthMax = WireLengthMax - 2;

    /// <summary>How many characters stand between two dots at most.</summary>
    public const int LabelLengthMax = 63;

    internal const int WireLengthMax = 255;

    private readonly string? _value;

    private DnsName(string value) => _value = value;

    /// <summary>The name of the root, which is empty; also the default value.</summary>
    public static DnsName Root => default;

    /// <summary>The text in lower case, without a dot at its end; empty for the root.</summary>
    public string Value => _value ?? "";

    /// <summary>The name without its first label; the root's is the root.</summary>
    public DnsName Parent => Value.IndexOf('.', StringComparison.Ordinal) is var dot and >= 0 ? new DnsName(Value[(dot + 1)..]) : Root;

    /// <summary>How many bytes the name takes on the wire, uncompressed.</summary>
    internal int WireLength => Value.Length == 0 ? 1 : Value.Length + 2;

    /// <summary>Reads a name.</summary>
    /// <param name="text">
    /// Labels of 1 to <see cref="LabelLengthMax"/> letters a–z, digits, hyphens and underscores, with dots between them; one more dot may end it, and one alone is the root.
    /// </param>
    /// <exception cref="FormatException">The text names nothing.</exception>
    public static DnsName Parse(string text) =>
        TryParse(text, out var name) ? name : throw new FormatException($"A name of DNS is labels of letters, digits, hyphens and underscores, such as joe.userv.example; not '{text}'.");

    /// <summary>Reads a name.</summary>
    /// <param name="text">The text.</param>
    /// <param name="name">The name.</param>
    /// <returns>Whether the text is a name.</returns>
    public static bool TryParse([NotNullWhen(true)] string? text, out DnsName name)
    {
        name = default;
        if (text is "." or null or "")
        {
            return text == ".";
        }

        var labels = text.EndsWith('.') ? text[..^1] : text;
        var isName = labels.Length <= LengthMax && labels.Split('.').All(IsLabel);
        name = isName ? new DnsName(labels.ToLowerInvariant()) : default;
        return isName;
    }

    /// <summary>Gives the name below this one: <c>userv.example</c> with <c>joe</c> is <c>joe.userv.example</c>.</summary>
    /// <param name="labels">One label, or more with dots between them.</param>
    /// <exception cref="FormatException">It is no label, or the name would be too long.</exception>
    public DnsName Child(string labels)
    {
        ArgumentException.ThrowIfNullOrEmpty(labels);
        return Parse(Value.Length == 0 ? labels : $"{labels}.{Value}");
    }

    /// <summary>Tells whether this name is another one or lies below it. All lie within the root.</summary>
    /// <param name="ancestor">The other name.</param>
    public bool IsWithin(DnsName ancestor) =>
        Value.EndsWith(ancestor.Value, StringComparison.Ordinal)
        && (ancestor.Value.Length == 0 || Value.Length == ancestor.Value.Length || Value[^(ancestor.Value.Length + 1)] == '.');

    /// <inheritdoc/>
    public override string ToString() => Value.Length == 0 ? "." : Value;

    /// <summary>Writes labels with their lengths, and the root's zero (RFC 1035 §3.1).</summary>
    /// <returns>How many bytes were written.</returns>
    internal int Write(Span<byte> target)
    {
        var length = 0;
        foreach (var range in Value.AsSpan().Split('.'))
        {
            var label = Value.AsSpan(range);
            if (label.Length > 0)
            {
                target[length++] = (byte)label.Length;
                length += System.Text.Encoding.ASCII.GetBytes(label, target[length..]);
            }
        }

        target[length++] = 0;
        return length;
    }

    internal byte[] ToWire()
    {
        var wire = new byte[WireLength];
        Write(wire);
        return wire;
    }

    private static bool IsLabel(string label) =>
        label.Length is > 0 and <= LabelLengthMax && label.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
}
