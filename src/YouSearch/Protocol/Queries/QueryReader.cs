using P2P.YouServ;

namespace P2P.YouSearch.Protocol;

/// <summary>Reads what people type: words, phrases, beginnings, exclusions, and filters. Nothing in it is an error; what is no filter is words.</summary>
internal sealed class QueryReader
{
    private const int HostLengthMax = 253;
    private const int TypeLengthMax = 32;

    private readonly string _text;
    private int _position;

    public QueryReader(string text)
    {
        _text = text;
        while (SkipBlanks())
        {
            ReadItem();
        }
    }

    public List<QueryPart> Parts { get; } = [];

    public List<QueryPart> Exclusions { get; } = [];

    public List<string> Sites { get; } = [];

    public List<string> Types { get; } = [];

    /// <summary>The group; of several, the last.</summary>
    public string? Group { get; private set; }

    private bool SkipBlanks()
    {
        while (_position < _text.Length && char.IsWhiteSpace(_text[_position]))
        {
            _position++;
        }

        return _position < _text.Length;
    }

    private void ReadItem()
    {
        var isExclusion = _text[_position] == '-';
        _position += isExclusion ? 1 : 0;
        if (_position == _text.Length)
        {
            return;
        }

        if (_text[_position] == '"')
        {
            AddWords(ReadQuoted(), isExclusion);
            return;
        }

        var start = _position;
        while (_position < _text.Length && _text[_position] != '"' && !char.IsWhiteSpace(_text[_position]))
        {
            _position++;
        }

        var item = _text.AsSpan(start, _position - start);
        if (isExclusion || !TryReadFilter(item))
        {
            AddWords(item, isExclusion);
        }
    }

    /// <summary>Reads what stands in quotes, with the asterisk that may follow; a quote that nobody closes ends with the text.</summary>
    private ReadOnlySpan<char> ReadQuoted()
    {
        var start = _position + 1;
        var end = _text.IndexOf('"', start);
        _position = end < 0 ? _text.Length : end + 1;
        var inner = _text.AsSpan(start, (end < 0 ? _text.Length : end) - start);
        if (_position >= _text.Length || _text[_position] != '*')
        {
            return inner;
        }

        _position++;
        return inner.EndsWith('*') ? inner : $"{inner}*";
    }

    private void AddWords(ReadOnlySpan<char> text, bool isExclusion)
    {
        var open = text.TrimEnd('*');
        var words = Words.Of(open);
        if (words.Count > 0)
        {
            // An asterisk says something only right behind a word.
            var isPrefix = open.Length < text.Length && Words.EndsWithWord(open);
            (isExclusion ? Exclusions : Parts).Add(new QueryPart(words, isPrefix));
        }
    }

    private bool TryReadFilter(ReadOnlySpan<char> item)
    {
        var colon = item.IndexOf(':');
        if (colon <= 0 || item[..colon].ToString().ToLowerInvariant() is not (("site" or "group" or "type") and var name))
        {
            return false;
        }

        var back = _position;
        var value = item[(colon + 1)..];
        if (value.IsEmpty && _position < _text.Length && _text[_position] == '"')
        {
            value = ReadQuoted();
        }

        if (TryAddFilter(name, value.Trim().ToString().ToLowerInvariant()))
        {
            return true;
        }

        _position = back;
        return false;
    }

    private bool TryAddFilter(string name, string value)
    {
        switch (name)
        {
            case "site" when value.Length <= HostLengthMax && value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '.') && SiteName.TryParse(value.Split('.')[0], out var site):
                // A host is its site's name and the zone, which all have.
                Sites.Add(site.Value);
                return true;
            case "type" when value.Length is > 0 and <= TypeLengthMax && value.All(char.IsAsciiLetterOrDigit):
                Types.Add(value);
                return true;
            case "group" when IsGroup(value):
                Group = value;
                return true;
            default:
                return false;
        }
    }

    /// <summary>Groups are named by people, by whatever a quoted text may hold.</summary>
    private static bool IsGroup(string value)
    {
        if (value.Length == 0)
        {
            return false;
        }

        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '"' || char.IsControl(value[i]) || (char.IsSurrogate(value[i]) && !(i + 1 < value.Length && char.IsSurrogatePair(value[i], value[++i]))))
            {
                return false;
            }
        }

        return true;
    }
}
