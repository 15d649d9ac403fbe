using System.Globalization;

namespace PaperFigures.Output;

/// <summary>Is a panel of values over a scale of numbers.</summary>
/// <param name="XTitle">What goes to the right, with its unit.</param>
/// <param name="YTitle">What goes upwards, with its unit.</param>
/// <param name="IsLogarithmic">True where each tick to the right is ten times the one before.</param>
/// <param name="Series">What is drawn.</param>
internal sealed record LinePanel(
    string XTitle, string YTitle, bool IsLogarithmic, params IReadOnlyList<(string Name, Mark Mark, IReadOnlyList<(double X, double Y)> Points)> Series)
    : Panel(XTitle, YTitle)
{
    /// <summary>How many of the series have colours of their own, at most four; those after them have the same again, as what others found for the same.</summary>
    public int ColorCount { get; init; } = Colors.Count;

    protected override int ColorPeriod => ColorCount;

    protected override IReadOnlyList<string> Legend => [.. Series.Select(series => series.Name)];

    protected override double Highest => Series.SelectMany(series => series.Points).Max(point => point.Y);

    private (double From, double To) Range
    {
        get
        {
            double[] xs = [.. Series.SelectMany(series => series.Points).Select(point => point.X)];
            if (!IsLogarithmic)
            {
                return (0, NiceCeiling(xs.Max()));
            }

            var (first, last) = (Math.Floor(Math.Log10(xs.Min())), Math.Ceiling(Math.Log10(xs.Max())));
            return (Math.Pow(10, first), Math.Pow(10, Math.Max(first + 1, last)));
        }
    }

    protected override void DrawContent(Svg svg, Area plot, double top)
    {
        DrawTicks(svg, plot);
        // The first series lie on top, with smaller points, so that equal ones of others show around them.
        for (var i = Series.Count - 1; i >= 0; i--)
        {
            var (name, mark, points) = Series[i];
            var color = Colors[i % ColorCount];
            (double X, double Y)[] places = [.. points.Select(point => (X(point.X, plot), Y(point.Y, plot, top)))];
            svg.Path(mark == Mark.Steps ? Steps(places) : places, color, mark == Mark.Dashes ? "stroke-dasharray=\"5 4\"" : "");
            if (mark != Mark.Points)
            {
                continue;
            }

            foreach (var (place, point) in places.Zip(points))
            {
                svg.Circle(place.X, place.Y, 4 + 1.5 * i, color, $"{name}: {Show(point.X)}, {point.Y.ToString("G4", CultureInfo.InvariantCulture)}");
            }
        }
    }

    private void DrawTicks(Svg svg, in Area plot)
    {
        var (from, to) = Range;
        double[] ticks = IsLogarithmic
            ? [.. Enumerable.Range(0, (int)Math.Round(Math.Log10(to / from)) + 1).Select(power => from * Math.Pow(10, power))]
            : [.. Enumerable.Range(0, 6).Select(step => from + (to - from) * step / 5)];
        foreach (var tick in ticks)
        {
            svg.Line(X(tick, plot), plot.Bottom, X(tick, plot), plot.Bottom + 5, "#444");
            svg.Text(X(tick, plot), plot.Bottom + 20, Show(tick), "middle", "font-size=\"12\"");
        }
    }

    private double X(double value, in Area plot)
    {
        var (from, to) = Range;
        return plot.X + plot.Width * (IsLogarithmic ? Math.Log10(value / from) / Math.Log10(to / from) : (value - from) / (to - from));
    }

    private static IEnumerable<(double X, double Y)> Steps((double X, double Y)[] places) =>
        places.Take(1).Concat(places.Zip(places.Skip(1)).SelectMany(pair => ((double X, double Y)[])[(pair.Second.X, pair.First.Y), pair.Second]));
}
