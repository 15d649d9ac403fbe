using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace P2P.YouServ.Http;

/// <summary>
/// Is text that browsers read as HTML. It is made of interpolated strings: what stands in their holes is encoded, so that no name and nothing that comes from a document or another machine becomes markup; only what is
/// <see cref="Html"/> already stays as it is.
/// </summary>
internal readonly record struct Html(string Text)
{
    /// <summary>Letters of all scripts stay as they are.</summary>
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    public static Html Empty { get; } = new("");

    public static Html Of(Builder text) => new(text.ToString());

    public static Html Join(IEnumerable<Html> parts) => new(string.Concat(parts.Select(part => part.Text)));

    public override string ToString() => Text;

    /// <summary>Puts the text together.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Builder(int literalLength, int holes)
    {
        private readonly StringBuilder _text = new(literalLength + (holes * 16));

        public void AppendLiteral(string text) => _text.Append(text);

        public void AppendFormatted(Html html) => _text.Append(html.Text);

        public void AppendFormatted(string? text) => _text.Append(Encoder.Encode(text ?? ""));

        public void AppendFormatted<T>(T value)
            where T : struct => AppendFormatted(Convert.ToString(value, CultureInfo.InvariantCulture));

        public override string ToString() => _text.ToString();
    }
}
