namespace PaperFigures.Output;

/// <summary>Is a panel of bars in groups: one group for each label, in it one bar for each series.</summary>
/// <param name="XTitle">What the groups are.</param>
/// <param name="YTitle">What the bars measure, with its unit.</param>
/// <param name="Labels">The groups; a label may have several lines.</param>
/// <param name="Series">The bars of each series, one value a group; NaN where there is none.</param>
internal sealed record BarPanel(
    string XTitle, string YTitle, IReadOnlyList<string> Labels, params IReadOnlyList<(string Name, IReadOnlyList<double> Values)> Series)
    : Panel(XTitle, YTitle)
{
    protected override IReadOnlyList<string> Legend => Series.Count == 1 ? [] : [.. Series.Select(series => series.Name)];

    protected override double Highest => Series.SelectMany(series => series.Values).Where(double.IsFinite).DefaultIfEmpty(1).Max();

    protected override void DrawContent(Svg svg, Area plot, double top)
    {
        var group = plot.Width / Labels.Count;
        var bar = group * 0.76 / Series.Count;
        for (var label = 0; label < Labels.Count; label++)
        {
            for (var i = 0; i < Series.Count; i++)
            {
                DrawBar(svg, plot, top, label, i, plot.X + group * (label + 0.12) + bar * i, bar * 0.94);
            }

            var lines = Labels[label].Split('\n');
            for (var line = 0; line < lines.Length; line++)
            {
                svg.Text(plot.X + group * (label + 0.5), plot.Bottom + 18 + 15 * line, lines[line], "middle", "font-size=\"12\"");
            }
        }
    }

    private void DrawBar(Svg svg, in Area plot, double top, int label, int series, double x, double width)
    {
        var (name, values) = Series[series];
        if (!double.IsFinite(values[label]))
        {
            return;
        }

        var y = Y(values[label], plot, top);
        // Bars of one series need no legend: each has its label below, and a colour of its own.
        var color = Colors[(Series.Count == 1 ? label : series) % Colors.Count];
        svg.Rectangle(x, y, width, plot.Bottom - y, color, $"{name}, {Labels[label].ReplaceLineEndings(" ")}: {Show(values[label])}");
        if (Series.Count == 1)
        {
            svg.Text(x + width / 2, y - 5, Show(values[label]), "middle", "font-size=\"12\"");
        }
    }
}
