using System.Text;

namespace P2P.YouSearch.Index;

/// <summary>
/// Writes queries as FTS5 reads them. Words are folded, so they hold no quote nor anything else of ASCII but a–z and 0–9; each phrase stands in quotes all the same, and nothing else comes from outside.
/// </summary>
internal static class MatchExpression
{
    /// <summary>Asks for all of a query.</summary>
    public static string Of(SearchQuery query)
    {
        var expression = new StringBuilder();
        AppendJoined(expression, query.Parts, " AND ");
        if (query.Types.Count > 0)
        {
            expression.Insert(0, '(').Append(") AND (");
            expression.AppendJoin(" OR ", query.Types.Select(type => $"\"{DocumentWords.TypeWord(type)}\"")).Append(')');
        }

        if (query.Exclusions.Count > 0)
        {
            expression.Insert(0, '(').Append(") NOT (");
            AppendJoined(expression, query.Exclusions, " OR ");
            expression.Append(')');
        }

        return expression.ToString();
    }

    /// <summary>Asks for one part of a query.</summary>
    public static string Of(QueryPart part)
    {
        var expression = new StringBuilder();
        AppendJoined(expression, [part], "");
        return expression.ToString();
    }

    private static void AppendJoined(StringBuilder expression, IReadOnlyList<QueryPart> parts, string between)
    {
        for (var i = 0; i < parts.Count; i++)
        {
            expression.Append(i > 0 ? between : "").Append('"').AppendJoin(' ', parts[i].Words.Select(Quoted)).Append('"').Append(parts[i].IsPrefix ? " *" : "");
        }
    }

    private static string Quoted(string word) => word.Replace("\"", "\"\"", StringComparison.Ordinal);
}
