using System.Text;

namespace Architecture.Tests;

/// <summary>
/// Splits C# into code and comments. In the code, comments and the text of literals are blank, so that a search finds only what the compiler
/// acts on; what stands in the holes of an interpolated string is code. Lines keep their numbers.
/// </summary>
internal sealed class CodeText
{
    private readonly string _source;
    private readonly StringBuilder _code = new();
    private readonly StringBuilder _comments = new();
    private int _position;

    private CodeText(string source)
    {
        _source = source;
        ReadCode(untilBrace: false);
    }

    public static string CodeOf(string source) => new CodeText(source)._code.ToString();

    public static string CommentsOf(string source) => new CodeText(source)._comments.ToString();

    private char Current => _position < _source.Length ? _source[_position] : '\0';

    /// <param name="untilBrace">True in a hole, which ends with the brace that belongs to it.</param>
    private void ReadCode(bool untilBrace)
    {
        for (var depth = 0; _position < _source.Length;)
        {
            if (StartsWith("//"))
            {
                SkipWhile(() => Current != '\n', _comments);
            }
            else if (StartsWith("/*"))
            {
                SkipWhile(() => !StartsWith("*/"), _comments);
                Skip(2, _comments);
            }
            else if (Current == '\'')
            {
                ReadEscaped('\'');
            }
            else if (TryReadString())
            {
                // Its text is blank now.
            }
            else
            {
                depth += Current switch { '{' => 1, '}' => -1, _ => 0 };
                if (untilBrace && depth < 0)
                {
                    return;
                }

                _code.Append(Current);
                _comments.Append(Current == '\n' ? '\n' : ' ');
                _position++;
            }
        }
    }

    private bool TryReadString()
    {
        var quote = _position;
        while (quote < _source.Length && _source[quote] is '$' or '@')
        {
            quote++;
        }

        if (quote >= _source.Length || _source[quote] != '"')
        {
            return false;
        }

        var prefix = _source[_position..quote];
        var (dollars, isVerbatim) = (prefix.Count(c => c == '$'), prefix.Contains('@', StringComparison.Ordinal));
        Skip(prefix.Length);
        var quotes = CountRun('"');
        if (quotes >= 3)
        {
            ReadRaw(quotes, dollars);
        }
        else if (isVerbatim || dollars > 0)
        {
            ReadVerbatimOrInterpolated(isVerbatim, dollars > 0);
        }
        else
        {
            ReadEscaped('"');
        }

        return true;
    }

    private void ReadEscaped(char quote)
    {
        Skip(1);
        while (_position < _source.Length && Current != quote && Current != '\n')
        {
            Skip(Current == '\\' ? 2 : 1);
        }

        Skip(1);
    }

    private void ReadVerbatimOrInterpolated(bool isVerbatim, bool hasHoles)
    {
        Skip(1);
        while (_position < _source.Length)
        {
            if (StartsWith("\"\"") && isVerbatim)
            {
                Skip(2);
            }
            else if (Current == '"')
            {
                Skip(1);
                return;
            }
            else if (Current == '\\' && !isVerbatim)
            {
                Skip(2);
            }
            else if (hasHoles && StartsWith("{{"))
            {
                Skip(2);
            }
            else if (hasHoles && Current == '{')
            {
                ReadHole(braces: 1);
            }
            else
            {
                Skip(1);
            }
        }
    }

    private void ReadRaw(int quotes, int dollars)
    {
        Skip(quotes);
        while (_position < _source.Length && CountRun('"') < quotes)
        {
            var braces = dollars > 0 ? CountRun('{') : 0;
            if (braces >= dollars && dollars > 0)
            {
                Skip(braces - dollars);
                ReadHole(dollars);
            }
            else
            {
                Skip(Math.Max(1, braces));
            }
        }

        Skip(quotes);
    }

    private void ReadHole(int braces)
    {
        Skip(braces);
        ReadCode(untilBrace: true);
        Skip(braces);
    }

    private void SkipWhile(Func<bool> condition, StringBuilder kept)
    {
        while (_position < _source.Length && condition())
        {
            Skip(1, kept);
        }
    }

    /// <summary>Passes over characters, which stay in one of the texts or in none.</summary>
    private void Skip(int count, StringBuilder? kept = null)
    {
        for (var end = Math.Min(_position + count, _source.Length); _position < end; _position++)
        {
            var blank = Current == '\n' ? '\n' : ' ';
            _code.Append(blank);
            _comments.Append(kept == _comments ? Current : blank);
        }
    }

    private int CountRun(char wanted)
    {
        var end = _position;
        while (end < _source.Length && _source[end] == wanted)
        {
            end++;
        }

        return end - _position;
    }

    private bool StartsWith(string text) => string.CompareOrdinal(_source, _position, text, 0, text.Length) == 0;
}
