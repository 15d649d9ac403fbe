using AngleSharp.Html.Parser;
using AngleSharp.Html.Parser.Tokens;

namespace P2P.YouSearch.Extraction;

/// <summary>Takes the tokens of an HTML document and keeps what is shown.</summary>
internal sealed class HtmlReading(ExtractionLimits limits)
{
    private const int TitleLengthMax = 1000;

    /// <summary>Elements within a line; all others end one, or the word at least.</summary>
    private static readonly HashSet<string> Inline = new(
        "a abbr acronym b bdi bdo big cite code data dfn em font i ins kbd label mark q rb rp rt ruby s samp small span strike strong sub sup time tt u var wbr".Split(' '), StringComparer.Ordinal);

    /// <summary>Elements of which nothing is shown.</summary>
    private static readonly HashSet<string> Hidden = new("script style noscript template noframes noembed iframe svg math".Split(' '), StringComparer.Ordinal);

    private string? _hidden;
    private int _hiddenDepth;
    private bool _isTitle;

    public TextCollector Text { get; } = new(limits.TextLengthMax);

    public string Title { get; private set; } = "";

    /// <summary>Takes a token.</summary>
    /// <returns>How what follows is to be read; null for as before.</returns>
    public HtmlParseMode? Take(HtmlToken token)
    {
        switch (token.Type)
        {
            case HtmlTokenType.Character when _hidden is null:
                if (_isTitle)
                {
                    Title += Title.Length < TitleLengthMax ? token.Data[..Math.Min(token.Data.Length, TitleLengthMax)] : "";
                }
                else
                {
                    Text.Append(token.Data);
                }

                return null;
            case HtmlTokenType.StartTag:
                return Open(token.Name, isEmpty: token is HtmlTagToken { IsSelfClosing: true } && token.Name is "svg" or "math");
            case HtmlTokenType.EndTag:
                Close(token.Name);
                return null;
            default:
                return null;
        }
    }

    private HtmlParseMode? Open(string name, bool isEmpty)
    {
        if (_hidden is not null)
        {
            _hiddenDepth += name == _hidden ? 1 : 0;
        }
        else if (Hidden.Contains(name) && !isEmpty)
        {
            (_hidden, _hiddenDepth) = (name, 1);
        }
        else if (name == "title")
        {
            // The first counts; a drawing may have others.
            _isTitle = Title.Length == 0;
        }

        Separate(name);
        return name switch
        {
            "title" or "textarea" => HtmlParseMode.RCData,
            "style" or "xmp" or "iframe" or "noembed" or "noframes" => HtmlParseMode.Rawtext,
            "script" => HtmlParseMode.Script,
            "plaintext" => HtmlParseMode.Plaintext,
            _ => null,
        };
    }

    private void Close(string name)
    {
        if (name == _hidden && --_hiddenDepth == 0)
        {
            _hidden = null;
        }

        _isTitle &= name != "title";
        Separate(name);
    }

    private void Separate(string name)
    {
        if (!Inline.Contains(name))
        {
            Text.Break(name is "td" or "th" or "img" or "input" or "button" or "option" ? ' ' : '\n');
        }
    }
}
