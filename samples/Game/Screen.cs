using Spectre.Console;

namespace Game;

/// <summary>Shows what happens at a terminal, or as plain lines elsewhere.</summary>
internal sealed class Screen
{
    private const int WidthWithoutTerminal = 120;

    private readonly IAnsiConsole _console = AnsiConsole.Create(new() { Ansi = Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect });

    public Screen()
    {
        if (Console.IsOutputRedirected)
        {
            _console.Profile.Width = WidthWithoutTerminal;
        }
    }

    public void WriteLine(string text) => _console.WriteLine(text);

    /// <summary>Writes what is to be copied: a console that folds lines would fold it, too.</summary>
    public static void WriteAddress(string label, string address) => Console.WriteLine($"{label,-14} {address}");

    public void WriteTable(string title, IEnumerable<(string Name, string Value)> rows)
    {
        var table = new Table().Border(TableBorder.Rounded).Title(Markup.Escape(title)).HideHeaders();
        table.AddColumn("name").AddColumn(new TableColumn("value").RightAligned());
        foreach (var (name, value) in rows)
        {
            table.AddRow(Markup.Escape(name), Markup.Escape(value));
        }

        _console.Write(table);
    }
}
