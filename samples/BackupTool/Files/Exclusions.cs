using MAB.DotIgnore;

namespace BackupTool.Files;

/// <summary>Decides by patterns which paths a backup leaves out.</summary>
internal sealed class Exclusions
{
    private readonly Rule[] _rules;

    /// <exception cref="BackupException">A pattern is none.</exception>
    public Exclusions(IEnumerable<string> patterns) => _rules = [.. patterns.SelectMany(Parse)];

    /// <summary>Tells whether something is left out. What lies in a folder that is left out is not asked for.</summary>
    /// <param name="relative">Its path below what is backed up, with slashes.</param>
    /// <param name="absolute">Its whole path, with slashes.</param>
    /// <param name="isFolder">Whether it is a folder.</param>
    public bool Excludes(string relative, string absolute, bool isFolder)
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
            throw new BackupException($"'{pattern}' is no pattern for what to leave out; write it as in a .gitignore.", exception);
        }
    }

    private sealed record Rule(IgnoreRule Pattern, bool Keeps, bool IsAnchored);
}
