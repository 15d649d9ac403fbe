using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using P2P.Past;
using P2P.Pastry;

namespace BackupTool.Commands;

/// <summary>Are the options that all verbs have: which ring, which repository, and how to print.</summary>
internal static class CommonOptions
{
    public const string RepositoryVariable = "P2P_BACKUP_REPOSITORY";

    public const string PassphraseVariable = "P2P_BACKUP_PASSPHRASE";

    public static readonly Option<DirectoryInfo?> Local = new("--local")
    {
        Description = "Where the ring that runs within this program keeps its nodes' folders. Default: p2p-backup in the user's folder for data (~/.local/share).",
        HelpName = "DIR",
        Recursive = true,
    };

    public static readonly Option<int> Nodes = new("--nodes") { Description = "How many nodes that ring has at least, 1 to 64; what it has got once it keeps.", HelpName = "N", DefaultValueFactory = _ => 5, Recursive = true };

    public static readonly Option<long?> Capacity = new("--capacity")
    {
        Description = "How much each of its nodes holds, as in 500M, 20G. Default: what the disk has.",
        HelpName = "SIZE",
        CustomParser = argument => ParseSize(argument),
        Recursive = true,
    };

    public static readonly Option<NodeAddress[]> Bootstraps = new("--bootstrap")
    {
        Description = "A node of a ring elsewhere, to be used instead; several may be named.",
        HelpName = "HOST:PORT",
        CustomParser = argument => [.. argument.Tokens.Select(token => Parse(argument, token.Value, text => NodeAddress.Parse(text), "an address as in node.example:4000"))],
        AllowMultipleArgumentsPerToken = false,
        DefaultValueFactory = _ => [],
        Recursive = true,
    };

    public static readonly Option<FileId?> Repository = new("--repo")
    {
        Description = $"The repository's id, as init has printed it. Default: ${RepositoryVariable}.",
        HelpName = "ID",
        CustomParser = argument => Parse(argument, argument.Tokens[0].Value, text => FileId.Parse(text), "40 hexadecimal digits"),
        Recursive = true,
    };

    public static readonly Option<FileInfo?> PassphraseFile = new("--passphrase-file")
    {
        Description = $"A file whose first line is the passphrase. Default: ${PassphraseVariable}, or you are asked.",
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<DirectoryInfo?> Cache = new("--cache")
    {
        Description = "Where this machine remembers what it has seen of repositories; it may be lost. Default: p2p-backup in the user's folder for such (~/.cache).",
        HelpName = "DIR",
        Recursive = true,
    };

    public static readonly Option<bool> Json = new("--json") { Description = "Prints a JSON object a line, the last one a summary.", Recursive = true };

    public static readonly Option<bool> Quiet = new("--quiet") { Description = "Prints only what goes wrong.", Recursive = true };

    static CommonOptions() => Nodes.Validators.Add(result =>
    {
        if (result.Tokens is [var token] && !(int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 64))
        {
            result.AddError("--nodes: expected 1 to 64.");
        }
    });

    public static IEnumerable<Option> All => [Local, Nodes, Capacity, Bootstraps, Repository, PassphraseFile, Cache, Json, Quiet];

    /// <summary>Reads a number of bytes, as in 500M.</summary>
    public static long? ParseSize(ArgumentResult argument) => Parse<long?>(argument, argument.Tokens[0].Value, text => SizeOf(text), "a size as in 800K, 500M or 20G");

    private static long SizeOf(string text)
    {
        var unit = "KMGT".IndexOf(char.ToUpperInvariant(text[^1]), StringComparison.Ordinal);
        var number = long.Parse(unit < 0 ? text : text[..^1], NumberStyles.None, CultureInfo.InvariantCulture);
        return checked(number << (10 * (unit + 1))) is var bytes && bytes >> (10 * (unit + 1)) == number ? bytes : throw new OverflowException();
    }

    private static T? Parse<T>(ArgumentResult argument, string text, Func<string, T> parse, string expected)
    {
        try
        {
            return parse(text);
        }
        catch (Exception exception) when (exception is FormatException or OverflowException or ArgumentException or IndexOutOfRangeException)
        {
            argument.AddError($"'{text}' is not {expected}.");
            return default;
        }
    }
}
