namespace PaperFigures.Output;

/// <summary>Is a picture of one or a few panels side by side.</summary>
/// <param name="Title">What it shows.</param>
/// <param name="Subtitle">What stands behind it: how many nodes, how many trials.</param>
/// <param name="Note">Where the figures beside ours are from; empty for nothing.</param>
/// <param name="Panels">The panels, from the left.</param>
internal sealed record Chart(string Title, string Subtitle, string Note, params IReadOnlyList<Panel> Panels)
{
    private const int Margin = 24, Top = 72, PanelHeight = 340, NoteHeight = 28;

    /// <summary>Draws the chart as SVG.</summary>
    public string ToSvg()
    {
        var (width, height) = (Panels.Count switch { 1 => 720, 2 => 920, _ => 1160 }, Top + PanelHeight + NoteHeight);
        var svg = new Svg(width, height);
        svg.Text(Margin, 32, Title, more: "font-size=\"17\" font-weight=\"600\"");
        svg.Text(Margin, 54, Subtitle, more: "fill=\"#555\"");
        var panelWidth = (width - Margin) / (double)Panels.Count;
        for (var i = 0; i < Panels.Count; i++)
        {
            Panels[i].Draw(svg, new Area(Margin + panelWidth * i, Top, panelWidth - Margin, PanelHeight));
        }

        svg.Text(Margin, height - 12, Note, more: "font-size=\"12\" fill=\"#555\"");
        return svg.ToText();
    }
}
