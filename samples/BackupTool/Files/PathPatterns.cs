using MAB.DotIgnore;

namespace BackupTool.Files;

/// <summary>Tells by patterns, as in a .gitignore, which paths are meant: those that a backup leaves out, or those that a restore is to bring back.</summary>
internal sealed class PathPatterns
{
    private readonly Rule[] _rules;

    /// <exception cref="BackupException">A pattern is none.</exception>
    public PathPatterns(IEnumerable<string> patterns) => _rules = [.. patterns.SelectMany(Parse)];

    /// <summary>Tells whether a path is meant itself; whether a folder above it is, is for who asks to know.</summary>
    /// <param name="relative">The path below what the patterns are for, with slashes.</param>
    /// <param name="absolute">The whole path, with slashes.</param>
    /// <param name="isFolder">Whether it is a folder's.</param>
    public bool Match(string relative, string absolute, bool isFolder)
    {
        for (var i = _rules.Length - 1; i >= 0; i--)
        {
            var (pattern, keeps, isAnchored) = _rules[i];
            if (pattern.IsMatch(relative, isFolder) || (isAnchored && pattern.IsMatch(absolute.TrimStart('/'), isFolder)))
            {
                return !keeps;
            }
        }

        return false;
    }

    private static IEnumerable<Rule> Parse(string pattern)
    {
        try
        {
            // It knows comments and empty lines, and then gives no rule.
            return [.. new IgnoreList([pattern]).Rules.Select(rule => new Rule(
                rule,
                rule.PatternFlags.HasFlag(PatternFlags.NEGATION),
                rule.OriginalPattern.TrimStart('!').StartsWith('/')))];
        }
        catch (Exception exception) when (exception is ArgumentException or FormatException)
        {
            throw new BackupException(ExitCode.Usage, $"'{pattern}' is no pattern; write it as in a .gitignore.", exception);
        }
    }

    private sealed record Rule(IgnoreRule Pattern, bool Keeps, bool IsAnchored);
}
