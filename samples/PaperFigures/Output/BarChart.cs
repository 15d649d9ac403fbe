using System.Globalization;
using System.Net;
using System.Text;

namespace PaperFigures.Output;

/// <summary>Is a chart of bars in groups: one group for each label, in it one bar for each series.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="XTitle">What the groups are.</param>
/// <param name="YTitle">What the bars measure, with its unit.</param>
/// <param name="Labels">The groups.</param>
/// <param name="Series">The bars of each series, one value a group; NaN where there is none.</param>
internal sealed record BarChart(
    string Title, string XTitle, string YTitle, IReadOnlyList<string> Labels, IReadOnlyList<(string Name, IReadOnlyList<double> Values)> Series)
{
    private const int Width = 720, Height = 420, Left = 72, Right = 24, Top = 76, Bottom = 64;

    private static readonly string[] Colors = ["#2f6f9f", "#d9822b", "#4c9a5b", "#8e5aa8"];

    /// <summary>Draws the chart as SVG.</summary>
    public string ToSvg()
    {
        var svg = new StringBuilder();
        var top = NiceCeiling(Series.SelectMany(series => series.Values).Where(double.IsFinite).DefaultIfEmpty(1).Max());
        svg.Append(Invariant(
            $"<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {Width} {Height}\" width=\"{Width}\" height=\"{Height}\" font-family=\"system-ui, sans-serif\" font-size=\"13\">\n<rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"));
        svg.Append(Text(Left, 28, Title, "start", "font-size=\"17\" font-weight=\"600\""));
        DrawLegend(svg);
        DrawScale(svg, top);
        DrawBars(svg, top);
        svg.Append(Text((Left + Width - Right) / 2.0, Height - 16, XTitle, "middle", "fill=\"#444\""));
        svg.Append(Invariant($"<text transform=\"translate(18 {(Top + Height - Bottom) / 2}) rotate(-90)\" text-anchor=\"middle\" fill=\"#444\">{WebUtility.HtmlEncode(YTitle)}</text>\n"));
        return svg.Append("</svg>\n").ToString();
    }

    private void DrawLegend(StringBuilder svg)
    {
        double x = Left;
        for (var i = 0; i < Series.Count; i++)
        {
            svg.Append(Invariant($"<rect x=\"{x}\" y=\"46\" width=\"12\" height=\"12\" fill=\"{Colors[i % Colors.Length]}\"/>\n"));
            svg.Append(Text(x + 18, 57, Series[i].Name, "start", ""));
            x += 42 + 7.2 * Series[i].Name.Length;
        }
    }

    private static void DrawScale(StringBuilder svg, double top)
    {
        const int steps = 5;
        for (var step = 0; step <= steps; step++)
        {
            var y = Y(top * step / steps, top);
            svg.Append(Invariant($"<line x1=\"{Left}\" y1=\"{y:f1}\" x2=\"{Width - Right}\" y2=\"{y:f1}\" stroke=\"{(step == 0 ? "#444" : "#ddd")}\"/>\n"));
            svg.Append(Text(Left - 8, y + 4, (top * step / steps).ToString("G4", CultureInfo.InvariantCulture), "end", "fill=\"#444\""));
        }
    }

    private void DrawBars(StringBuilder svg, double top)
    {
        var group = (double)(Width - Left - Right) / Labels.Count;
        var bar = group * 0.76 / Series.Count;
        for (var label = 0; label < Labels.Count; label++)
        {
            var start = Left + group * label + group * 0.12;
            for (var i = 0; i < Series.Count; i++)
            {
                var value = Series[i].Values[label];
                if (double.IsFinite(value))
                {
                    var y = Y(value, top);
                    svg.Append(Invariant(
                        $"<rect x=\"{start + bar * i:f1}\" y=\"{y:f1}\" width=\"{bar * 0.94:f1}\" height=\"{Height - Bottom - y:f1}\" fill=\"{Colors[i % Colors.Length]}\"><title>{WebUtility.HtmlEncode($"{Series[i].Name}, {Labels[label]}: ")}{value:G5}</title></rect>\n"));
                }
            }

            svg.Append(Text(Left + group * (label + 0.5), Height - Bottom + 20, Labels[label], "middle", ""));
        }
    }

    private static double Y(double value, double top) => Height - Bottom - (Height - Top - Bottom) * value / top;

    private static double NiceCeiling(double value)
    {
        if (value <= 0)
        {
            return 1;
        }

        var unit = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return new[] { 1, 1.5, 2, 2.5, 4, 5, 7.5, 10 }.First(step => step * unit >= value * 0.999) * unit;
    }

    private static string Text(double x, double y, string text, string anchor, string more) =>
        Invariant($"<text x=\"{x:f1}\" y=\"{y:f1}\" text-anchor=\"{anchor}\" {more}>{WebUtility.HtmlEncode(text)}</text>\n");

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
