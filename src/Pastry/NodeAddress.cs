using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace P2P.Pastry;

/// <summary>
/// Names a listener of a transport: a host (name, IPv4 or IPv6 address) and a port.
/// </summary>
/// <param name="Host">A DNS name, an IPv4 address, or an IPv6 address without brackets; 1 to 255 ASCII characters, names of other scripts as Punycode.</param>
/// <param name="Port">The port, 1 to 65535; or 0 where a listener is to choose one.</param>
public readonly record struct NodeAddress(string Host, int Port) : IParsable<NodeAddress>
{
    /// <summary>The longest host name that an address may have, in characters.</summary>
    public const int HostLengthMax = 255;

    // What is printed and is no delimiter of addresses: a host that others name must not forge a line of a log.
    private static readonly SearchValues<char> InHosts =
        SearchValues.Create([.. Enumerable.Range('!', '~' - '!' + 1).Select(code => (char)code).Except("[]/")]);

    /// <summary>Shows the address as host:port, an IPv6 host in brackets.</summary>
    public override string ToString() => Host is null ? "-"
        : Host.Contains(':', StringComparison.Ordinal) ? string.Create(CultureInfo.InvariantCulture, $"[{Host}]:{Port}")
        : string.Create(CultureInfo.InvariantCulture, $"{Host}:{Port}");

    /// <summary>Reads host:port, with an IPv6 host in brackets.</summary>
    /// <exception cref="FormatException">The text has no port, an empty or too long host, or a port outside 0–65535.</exception>
    public static NodeAddress Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var address)
            ? address
            : throw new FormatException($"'{s}' is not an address: expected host:port, such as 192.0.2.1:4000, node.example:4000 or [2001:db8::1]:4000.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out NodeAddress result)
    {
        result = default;
        var colon = s?.LastIndexOf(':') ?? -1;
        if (colon <= 0 || !ushort.TryParse(s.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return false;
        }

        var host = s![..colon];
        if (host is ['[', .. var inner, ']'])
        {
            host = inner;
        }
        else if (host.Contains(':', StringComparison.Ordinal))
        {
            return false;
        }

        if (!IsHost(host))
        {
            return false;
        }

        result = new NodeAddress(host, port);
        return true;
    }

    /// <summary>Tells whether a text may be a host: 1 to 255 printable ASCII characters, without spaces, brackets and slashes.</summary>
    internal static bool IsHost([NotNullWhen(true)] string? text) => text is { Length: > 0 and <= HostLengthMax } && !text.AsSpan().ContainsAnyExcept(InHosts);
}
