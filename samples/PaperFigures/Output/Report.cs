using System.Globalization;
using System.Text;
using System.Text.Json;
using Spectre.Console;

namespace PaperFigures.Output;

/// <summary>Shows figures to people, and writes them for programs.</summary>
internal static class Report
{
    private const int WidthWithoutTerminal = 140;

    /// <summary>Prints the table, writes CSV and SVG, and ends with one line of JSON.</summary>
    public static void Write(string name, Figures figures, DirectoryInfo folder, TextWriter output)
    {
        folder.Create();
        Print(figures, output);
        Write("Table", ".csv", ToCsv([figures.Columns, .. figures.Rows]));
        Write("Chart", ".svg", figures.Chart.ToSvg());
        foreach (var (more, rows) in figures.Tables)
        {
            Write("Table", $"-{more}.csv", ToCsv(rows));
        }

        foreach (var (more, chart) in figures.Charts)
        {
            Write("Chart", $"-{more}.svg", chart.ToSvg());
        }

        output.WriteLine(ToJson(figures.Keys));

        void Write(string kind, string ending, string text)
        {
            var path = Path.Combine(folder.FullName, name + ending);
            File.WriteAllText(path, text);
            output.WriteLine($"{kind}: {path}");
        }
    }

    private static void Print(Figures figures, TextWriter output)
    {
        var isTerminal = output == Console.Out && !Console.IsOutputRedirected;
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isTerminal ? AnsiSupport.Detect : AnsiSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        if (!isTerminal)
        {
            console.Profile.Width = WidthWithoutTerminal;
        }

        var table = new Table().Border(TableBorder.Rounded).Title(Markup.Escape(figures.Title));
        for (var column = 0; column < figures.Columns.Count; column++)
        {
            var heading = new TableColumn(Markup.Escape(figures.Columns[column]));
            table.AddColumn(column == 0 ? heading : heading.RightAligned());
        }

        foreach (var row in figures.Rows)
        {
            table.AddRow([.. row.Select(Markup.Escape)]);
        }

        console.Write(table);
    }

    private static string ToCsv(IEnumerable<IReadOnlyList<string>> rows)
    {
        var csv = new StringBuilder();
        foreach (var row in rows)
        {
            csv.AppendJoin(',', row.Select(Quote)).Append('\n');
        }

        return csv.ToString();

        static string Quote(string field) => field.AsSpan().ContainsAny(",\"\n") ? $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"" : field;
    }

    private static string ToJson(IReadOnlyList<(string Key, object Value)> keys)
    {
        var json = new StringBuilder("{");
        foreach (var (key, value) in keys)
        {
            json.Append(json.Length > 1 ? "," : "").Append(CultureInfo.InvariantCulture, $"\"{key}\":").Append(JsonSerializer.Serialize(value, value.GetType()));
        }

        return json.Append('}').ToString();
    }
}
