using System.Xml.Linq;
using PaperFigures.Output;

namespace PaperFigures.Tests;

public sealed class ChartTests
{
    [Fact]
    public void Signs_that_mean_something_in_markup_are_written_as_text()
    {
        var svg = NewChart(new BarPanel("<x> & \"y\"", "it's", ["a < b"], ("one", [1]))).ToSvg();
        SvgText.Check(svg);
        Assert.Contains(XDocument.Parse(svg).Root!.Elements(), element => element.Value == "<x> & \"y\"");
    }

    [Fact]
    public void Where_nothing_was_counted_there_are_axes() =>
        SvgText.Check(NewChart(new BarPanel("groups", "count", ["a", "b"], ("one", [0, 0]))).ToSvg());

    [Fact]
    public void Value_that_is_missing_has_no_bar()
    {
        var svg = NewChart(new BarPanel("groups", "count", ["a", "b"], ("one", [1, double.NaN]), ("two", [double.NaN, 2]))).ToSvg();
        SvgText.Check(svg);
        Assert.DoesNotContain("NaN", svg, StringComparison.Ordinal);
        Assert.Equal(["one, a: 1", "two, b: 2"], XDocument.Parse(svg).Descendants().Where(element => element.Name.LocalName == "title").Select(title => title.Value));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(1500)]
    public void Logarithmic_scale_of_a_single_point_has_a_length(double x) =>
        SvgText.Check(NewChart(new LinePanel("x", "y", true, ("one", Mark.Points, [(x, 1)]))).ToSvg());

    [Fact]
    public void Single_moment_is_a_point_at_the_beginning() =>
        SvgText.Check(NewChart(new LinePanel("x", "y", false, ("one", Mark.Steps, [(0, 0)]))).ToSvg());

    [Fact]
    public void Long_legends_go_on_in_further_lines() =>
        SvgText.Check(NewChart(
            new BarPanel("groups", "count", ["a"], [.. Enumerable.Range(1, 4).Select(number => ($"a series with a long name {number}", (IReadOnlyList<double>)[number]))]),
            new BarPanel("groups", "count", ["a"], ("one", [1]))).ToSvg());

    private static Chart NewChart(params Panel[] panels) => new("Title", "subtitle", "note", panels);
}
