using System.Globalization;

namespace PaperFigures.Output;

/// <summary>Is one pair of axes in a chart, with a legend above them and what is drawn between them.</summary>
/// <param name="XTitle">What goes to the right, with its unit.</param>
/// <param name="YTitle">What goes upwards, with its unit.</param>
internal abstract record Panel(string XTitle, string YTitle)
{
    private const int Left = 80, Right = 12, Foot = 62, LegendLine = 22;

    /// <summary>The mean width of a letter; texts are not measured, so this errs on the wide side.</summary>
    private const double LetterWidth = 7.4;

    /// <summary>Colours that people who see few still tell apart (Okabe and Ito).</summary>
    protected static IReadOnlyList<string> Colors { get; } = ["#0072b2", "#e69f00", "#009e73", "#cc79a7"];

    protected abstract IReadOnlyList<string> Legend { get; }

    protected abstract double Highest { get; }

    /// <summary>After how many series the colours begin anew.</summary>
    protected virtual int ColorPeriod => Colors.Count;

    /// <summary>Draws the panel into its place.</summary>
    public void Draw(Svg svg, Area area)
    {
        var legendBottom = DrawLegend(svg, area);
        var plot = new Area(area.X + Left, legendBottom + 14, area.Width - Left - Right, area.Bottom - Foot - legendBottom - 14);
        var top = NiceCeiling(Highest);
        DrawScale(svg, plot, top);
        DrawContent(svg, plot, top);
        svg.Text(plot.X + plot.Width / 2, area.Bottom - 12, XTitle, "middle", "fill=\"#444\"");
        var (x, y) = (area.X + 14, plot.Y + plot.Height / 2);
        svg.Text(x, y, YTitle, "middle", string.Create(CultureInfo.InvariantCulture, $"fill=\"#444\" transform=\"rotate(-90 {x:f1} {y:f1})\""));
    }

    protected abstract void DrawContent(Svg svg, Area plot, double top);

    protected static double Y(double value, in Area plot, double top) => plot.Bottom - plot.Height * value / top;

    protected static string Show(double value) => value.ToString(
        Math.Abs(value) switch { >= 1000 => "n0", > 0 and < 1e-4 => "0.#e-0", _ => "G3" }, CultureInfo.InvariantCulture);

    /// <summary>Finds the round number at which a scale may end.</summary>
    protected static double NiceCeiling(double value)
    {
        if (!(value > 0))
        {
            return 1;
        }

        var unit = Math.Pow(10, Math.Floor(Math.Log10(value)));
        return new[] { 1, 1.5, 2, 2.5, 3, 4, 5, 10 }.First(step => step * unit >= value * 0.999) * unit;
    }

    private double DrawLegend(Svg svg, in Area area)
    {
        var (x, y) = (area.X + Left, area.Y + 8);
        for (var i = 0; i < Legend.Count; i++)
        {
            var width = 34 + LetterWidth * Legend[i].Length;
            if (x > area.X + Left && x + width > area.Right)
            {
                (x, y) = (area.X + Left, y + LegendLine);
            }

            svg.Rectangle(x, y, 12, 12, Colors[i % ColorPeriod]);
            svg.Text(x + 18, y + 11, Legend[i]);
            x += width;
        }

        return y + (Legend.Count == 0 ? 0 : 12);
    }

    private static void DrawScale(Svg svg, in Area plot, double top)
    {
        const int steps = 5;
        for (var step = 0; step <= steps; step++)
        {
            var value = top * step / steps;
            var y = Y(value, plot, top);
            svg.Line(plot.X, y, plot.Right, y, step == 0 ? "#444" : "#ddd");
            svg.Text(plot.X - 8, y + 4, Show(value), "end", "fill=\"#444\"");
        }
    }
}
