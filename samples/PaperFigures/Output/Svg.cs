using System.Globalization;
using System.Net;
using System.Text;

namespace PaperFigures.Output;

/// <summary>Writes the few shapes that charts are made of.</summary>
internal sealed class Svg
{
    private readonly StringBuilder _text = new();

    public Svg(int width, int height) => Append(
        $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" width=\"{width}\" height=\"{height}\" font-family=\"system-ui, sans-serif\" font-size=\"13\" fill=\"#222\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n");

    /// <summary>Writes a line of text.</summary>
    /// <param name="x">Where its anchor is.</param>
    /// <param name="y">Where its foot is.</param>
    /// <param name="text">What it says.</param>
    /// <param name="anchor">What is at x: its start, middle or end.</param>
    /// <param name="more">More attributes.</param>
    public void Text(double x, double y, string text, string anchor = "start", string more = "") =>
        Append($"<text x=\"{x:f1}\" y=\"{y:f1}\" text-anchor=\"{anchor}\"{Attributes(more)}>{WebUtility.HtmlEncode(text)}</text>\n");

    public void Line(double fromX, double fromY, double toX, double toY, string color, string more = "") =>
        Append($"<line x1=\"{fromX:f1}\" y1=\"{fromY:f1}\" x2=\"{toX:f1}\" y2=\"{toY:f1}\" stroke=\"{color}\"{Attributes(more)}/>\n");

    /// <summary>Draws a bar, a point's square or a legend's patch; a title is shown where the mouse rests on it.</summary>
    public void Rectangle(double x, double y, double width, double height, string color, string title = "", string more = "") =>
        Append($"<rect x=\"{x:f1}\" y=\"{y:f1}\" width=\"{width:f1}\" height=\"{height:f1}\" fill=\"{color}\"{Attributes(more)}>{Title(title)}</rect>\n");

    public void Circle(double x, double y, double radius, string color, string title = "") =>
        Append($"<circle cx=\"{x:f1}\" cy=\"{y:f1}\" r=\"{radius:f1}\" fill=\"{color}\" stroke=\"#fff\">{Title(title)}</circle>\n");

    public void Path(IEnumerable<(double X, double Y)> points, string color, string more = "")
    {
        var coordinates = string.Join(' ', points.Select(point => string.Create(CultureInfo.InvariantCulture, $"{point.X:f1},{point.Y:f1}")));
        Append($"<polyline points=\"{coordinates}\" fill=\"none\" stroke=\"{color}\" stroke-width=\"2\"{Attributes(more)}/>\n");
    }

    /// <summary>Ends the picture.</summary>
    public string ToText() => _text + "</svg>\n";

    private static string Attributes(string more) => more.Length == 0 ? "" : " " + more;

    private static string Title(string title) => title.Length == 0 ? "" : $"<title>{WebUtility.HtmlEncode(title)}</title>";

    private void Append(FormattableString text) => _text.Append(text.ToString(CultureInfo.InvariantCulture));
}
