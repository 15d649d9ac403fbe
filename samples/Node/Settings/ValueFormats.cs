using System.Collections.Immutable;
using System.Globalization;
using Microsoft.Extensions.Logging;
using P2P.Pastry;

namespace NodeSample.Settings;

/// <summary>Reads values as people write them. Each method throws <see cref="FormatException"/> with what it expects.</summary>
internal static class ValueFormats
{
    private static readonly (string Name, decimal Bytes)[] SizeUnits =
    [
        ("KiB", 1L << 10), ("MiB", 1L << 20), ("GiB", 1L << 30), ("TiB", 1L << 40), ("KB", 1e3m), ("MB", 1e6m), ("GB", 1e9m), ("TB", 1e12m), ("B", 1),
    ];

    private static readonly (string Name, TimeSpan Span)[] TimeUnits =
    [
        ("ms", TimeSpan.FromMilliseconds(1)), ("min", TimeSpan.FromMinutes(1)), ("s", TimeSpan.FromSeconds(1)), ("h", TimeSpan.FromHours(1)), ("d", TimeSpan.FromDays(1)),
    ];

    private static readonly TimeSpan PatienceMax = TimeSpan.FromDays(30);

    public static string NotEmpty(string text) => text.Length > 0 ? text : throw new FormatException("it must not be empty.");

    public static string RingName(string text) =>
        text.Length is >= 1 and <= 64 ? text : throw new FormatException("a ring's name has 1 to 64 characters.");

    public static string DomainName(string text) =>
        text.Length <= 64 ? text : throw new FormatException("a failure domain's name has at most 64 characters.");

    public static bool YesOrNo(string text) => text switch
    {
        "yes" => true,
        "no" => false,
        _ => throw new FormatException($"'{text}' is neither yes nor no."),
    };

    public static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new FormatException($"'{text}' is not a whole number.");

    public static long Size(string text)
    {
        foreach (var (name, bytes) in SizeUnits)
        {
            if (TryUnit(text, name, out var number) && number * bytes <= long.MaxValue)
            {
                return (long)(number * bytes);
            }
        }

        throw new FormatException($"'{text}' is not a size: a number with a unit is expected, such as 500MB, 10GB or 4GiB.");
    }

    public static TimeSpan Duration(string text)
    {
        foreach (var (name, span) in TimeUnits)
        {
            if (TryUnit(text, name, out var number) && number * span.Ticks < TimeSpan.FromDays(3650).Ticks)
            {
                return TimeSpan.FromTicks((long)(number * span.Ticks));
            }
        }

        throw new FormatException($"'{text}' is not a duration: a number with a unit is expected, such as 500ms, 1.5s, 10min, 1h or 365d.");
    }

    /// <summary>Reads how long something is waited for, which no timer counts beyond seven weeks.</summary>
    public static TimeSpan Patience(string text) => Duration(text) is var patience && patience <= PatienceMax
        ? patience
        : throw new FormatException($"'{text}' is longer than {PatienceMax.Days} days.");

    public static ImmutableArray<string> Files(string text) => [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)];

    public static ImmutableArray<NodeAddress> Listeners(string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Select(item => NodeAddress.Parse(item))];

    public static NodeAddress? ListenerOrNone(string text) => text.Length == 0 ? null : NodeAddress.Parse(text);

    public static Uri? UrlOrNone(string text) =>
        text.Length == 0 ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var url) && url.Scheme is "http" or "https" ? url
        : throw new FormatException($"'{text}' is no URL that begins with http:// or https://.");

    public static ImmutableArray<NodeAddress> Peers(string text)
    {
        var addresses = Listeners(text);
        return addresses.All(address => address.Port > 0)
            ? addresses
            : throw new FormatException($"'{addresses.First(address => address.Port == 0)}' has port 0, where nobody can be reached.");
    }

    public static LogLevel LogLevel(string text) =>
        Enum.TryParse<LogLevel>(text, ignoreCase: true, out var level) && Enum.IsDefined(level)
            ? level
            : throw new FormatException($"'{text}' is not one of {string.Join(", ", Enum.GetNames<LogLevel>())}.");

    private static bool TryUnit(string text, string unit, out decimal number)
    {
        number = 0;
        return text.EndsWith(unit, StringComparison.OrdinalIgnoreCase)
            && decimal.TryParse(text.AsSpan(0, text.Length - unit.Length).TrimEnd(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out number)
            && number < 1e15m;
    }
}
