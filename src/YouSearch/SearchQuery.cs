using System.Diagnostics.CodeAnalysis;
using P2P.YouSearch.Protocol;

namespace P2P.YouSearch;

/// <summary>
/// Is what somebody looks for: words, <c>"phrases of words"</c>, beginnings (<c>docu*</c>), words that must not be there (<c>-draft</c>), <c>site:joe</c>, <c>group:staff</c> and
/// <c>type:pdf</c>. A document matches that has all parts, in one of the sites and of one of the types.
/// </summary>
public sealed record SearchQuery
{
    /// <summary>How many characters a query may have.</summary>
    public const int LengthMax = 1000;

    /// <summary>How many words it may have, those of phrases and exclusions counted.</summary>
    public const int WordsMax = 32;

    /// <summary>How many of its words may be mere beginnings, each of which stands for very many words.</summary>
    public const int BeginningsMax = 4;

    private SearchQuery()
    {
    }

    /// <summary>What a document must have: each once, in the order in which their canonical forms sort.</summary>
    public IReadOnlyList<QueryPart> Parts { get; private init; } = [];

    /// <summary>What a document must not have.</summary>
    public IReadOnlyList<QueryPart> Exclusions { get; private init; } = [];

    /// <summary>The sites to which it is limited, by their names, in lower case and sorted; empty for all.</summary>
    public IReadOnlyList<string> Sites { get; private init; } = [];

    /// <summary>The work group to whose sites it is limited, in lower case; null for all.</summary>
    public string? Group { get; private init; }

    /// <summary>The types to which it is limited, in lower case and sorted; empty for all.</summary>
    public IReadOnlyList<string> Types { get; private init; } = [];

    /// <summary>The query in the one form that all queries of the same meaning have. It parses to this query.</summary>
    public string Canonical { get; private init; } = "";

    /// <summary>Reads a query. Nothing that people type is an error but what is too long, and what has no words to look for.</summary>
    /// <param name="text">What somebody has typed.</param>
    /// <param name="query">The query.</param>
    /// <param name="problem">Why it is none, for people; null if it is one.</param>
    public static bool TryParse(string? text, [NotNullWhen(true)] out SearchQuery? query, [NotNullWhen(false)] out string? problem)
    {
        query = null;
        if (text is { Length: > LengthMax })
        {
            problem = $"A query has at most {LengthMax} characters.";
            return false;
        }

        var read = new QueryReader(text ?? "");
        if (read.Parts.Sum(part => part.Words.Count) + read.Exclusions.Sum(part => part.Words.Count) > WordsMax)
        {
            problem = $"A query has at most {WordsMax} words.";
            return false;
        }

        if (read.Parts.Count == 0)
        {
            problem = read.Exclusions.Count > 0 ? "Say what to look for, and not only what to leave out." : "Say what to look for: a word or more.";
            return false;
        }

        var beginnings = read.Parts.Concat(read.Exclusions).Where(part => part.IsPrefix).ToList();
        if (beginnings.Count > BeginningsMax || beginnings.Exists(part => Words.BeginningOf(part.Words[^1]) == 0))
        {
            problem = $"A beginning has three letters or more, as in docu*; and a query at most {BeginningsMax} of them.";
            return false;
        }

        // What is written out can be longer than what was typed.
        var found = Of(read);
        if (found.Canonical.Length > LengthMax)
        {
            problem = $"A query has at most {LengthMax} characters, ligatures and the like written out.";
            return false;
        }

        query = found;
        problem = null;
        return true;
    }

    /// <summary>
    /// Lists the words of a text as <see cref="QueryPart.Words"/> has them, folded, in their order: upper case and accents do not count, and of long words the beginning is the word. An index of one's own splits
    /// documents so.
    /// </summary>
    /// <param name="text">A text of a document.</param>
    public static IReadOnlyList<string> WordsOf(ReadOnlySpan<char> text) => Words.Of(text);

    /// <summary>Tells whether both mean the same.</summary>
    public bool Equals(SearchQuery? other) => other is not null && string.Equals(other.Canonical, Canonical, StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int GetHashCode() => Canonical.GetHashCode(StringComparison.Ordinal);

    /// <inheritdoc/>
    public override string ToString() => Canonical;

    private static SearchQuery Of(QueryReader read)
    {
        var query = new SearchQuery
        {
            Parts = Sorted(read.Parts),
            Exclusions = Sorted(read.Exclusions),
            Sites = [.. read.Sites.Distinct().Order(StringComparer.Ordinal)],
            Group = read.Group,
            Types = [.. read.Types.Distinct().Order(StringComparer.Ordinal)],
        };
        return query with { Canonical = string.Join(' ', Items(query)) };
    }

    private static QueryPart[] Sorted(IEnumerable<QueryPart> parts) => [.. parts.DistinctBy(part => part.Canonical).OrderBy(part => part.Canonical, StringComparer.Ordinal)];

    private static IEnumerable<string> Items(SearchQuery query) =>
    [
        .. query.Parts.Select(part => part.Canonical),
        .. query.Exclusions.Select(part => $"-{part.Canonical}"),
        .. query.Group is { } group ? (string[])[group.Any(char.IsWhiteSpace) ? $"group:\"{group}\"" : $"group:{group}"] : [],
        .. query.Sites.Select(site => $"site:{site}"),
        .. query.Types.Select(type => $"type:{type}"),
    ];
}
