using System.Globalization;
using System.Xml.Linq;

namespace PaperFigures.Tests;

/// <summary>Judges pictures as far as a program can.</summary>
internal static class SvgText
{
    private static readonly XNamespace Svg = "http://www.w3.org/2000/svg";

    /// <summary>Checks that a picture is readable XML, on white, with a title, and that no shape and no text begins or ends outside of it.</summary>
    public static void Check(string text)
    {
        var root = XDocument.Parse(text).Root!;
        Assert.Equal(Svg + "svg", root.Name);
        var (width, height) = (Number(root, "width"), Number(root, "height"));
        Assert.Equal(string.Create(CultureInfo.InvariantCulture, $"0 0 {width} {height}"), root.Attribute("viewBox")!.Value);
        var background = root.Element(Svg + "rect")!;
        Assert.Equal(("#fff", width, height), (background.Attribute("fill")!.Value, Number(background, "width"), Number(background, "height")));
        Assert.NotEqual("", root.Element(Svg + "text")!.Value);
        foreach (var shape in root.Elements())
        {
            foreach (var (x, y) in Corners(shape))
            {
                Assert.InRange(x, 0, width);
                Assert.InRange(y, 0, height);
            }
        }
    }

    private static IEnumerable<(double X, double Y)> Corners(XElement shape) => shape.Name.LocalName switch
    {
        "rect" =>
        [
            (Number(shape, "x"), Number(shape, "y")),
            (Number(shape, "x") + Number(shape, "width"), Number(shape, "y") + Number(shape, "height")),
        ],
        "circle" => [(Number(shape, "cx"), Number(shape, "cy"))],
        "line" => [(Number(shape, "x1"), Number(shape, "y1")), (Number(shape, "x2"), Number(shape, "y2"))],
        "polyline" => shape.Attribute("points")!.Value.Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(point => point.Split(','))
            .Select(point => (double.Parse(point[0], CultureInfo.InvariantCulture), double.Parse(point[1], CultureInfo.InvariantCulture))),
        "text" => Ends(shape),
        _ => throw new InvalidOperationException($"Nobody knows how to check a {shape.Name.LocalName}."),
    };

    /// <summary>The ends of a text, as long as its letters are of ordinary width.</summary>
    private static (double X, double Y)[] Ends(XElement text)
    {
        var length = 0.6 * (text.Attribute("font-size") is null ? 13 : Number(text, "font-size")) * text.Value.Length;
        var before = length * text.Attribute("text-anchor")!.Value switch { "start" => 0, "middle" => 0.5, _ => 1 };
        var (x, y) = (Number(text, "x"), Number(text, "y"));
        return text.Attribute("transform") is null
            ? [(x - before, y), (x - before + length, y)]
            : [(x, y - length + before), (x, y + before)];
    }

    private static double Number(XElement element, string attribute)
    {
        var value = element.Attribute(attribute)?.Value;
        return value is null ? 0 : double.Parse(value, NumberStyles.Float, CultureInfo.InvariantCulture);
    }
}
