using System.Globalization;
using Spectre.Console;

namespace QuickStart.Report;

/// <summary>Shows what happens: with a moving line at a terminal, with plain lines elsewhere.</summary>
internal sealed class Screen(bool unattended) : IDisposable
{
    private const int WidthWithoutTerminal = 120;

    private readonly IAnsiConsole _console = NewConsole(unattended);

    private bool IsLive => !unattended && _console.Profile.Capabilities.Interactive;

    /// <summary>Runs a step and shows how far it is.</summary>
    /// <param name="title">What the step does.</param>
    /// <param name="total">What "done" counts to.</param>
    /// <param name="step">The step, which reports how much has been done since its last report.</param>
    public async Task<TimeSpan> RunAsync(string title, double total, Func<Action<double>, Task> step)
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        if (IsLive)
        {
            await _console.Progress()
                .AutoClear(true)
                .Columns(new SpinnerColumn(), new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn())
                .StartAsync(async context =>
                {
                    var task = context.AddTask(Markup.Escape(title), maxValue: Math.Max(total, 1));
                    await step(task.Increment);
                });
        }
        else
        {
            await step(_ => { });
        }

        Result($"{title}: {watch.Elapsed.TotalSeconds.ToString("f1", CultureInfo.InvariantCulture)} s");
        return watch.Elapsed;
    }

    /// <summary>Begins a chapter.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="sentence">What that is.</param>
    public void Chapter(string title, string sentence)
    {
        _console.WriteLine();
        _console.MarkupLineInterpolated($"[bold]{title}[/]");
        _console.MarkupLineInterpolated($"[grey]{sentence}[/]");
    }

    /// <summary>Tells what has come out.</summary>
    public void Result(string text) => WriteLine($"  {text}");

    /// <summary>Writes a line. Names of files may have characters in them that a terminal would obey.</summary>
    public void WriteLine(string text) => _console.WriteLine(string.Concat(text.Select(character => char.IsControl(character) ? '\uFFFD' : character)));

    public void WriteTable(string title, IEnumerable<(string Name, string Value)> rows)
    {
        var table = new Table().Border(TableBorder.Rounded).Title(Markup.Escape(title)).HideHeaders();
        table.AddColumn("name").AddColumn(new TableColumn("value").RightAligned());
        foreach (var (name, value) in rows)
        {
            table.AddRow(Markup.Escape(name), Markup.Escape(value));
        }

        _console.WriteLine();
        _console.Write(table);
    }

    public void Dispose() => (_console as IDisposable)?.Dispose();

    private static IAnsiConsole NewConsole(bool unattended)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Interactive = unattended ? InteractionSupport.No : InteractionSupport.Detect,
            Ansi = unattended || Console.IsOutputRedirected ? AnsiSupport.No : AnsiSupport.Detect,
        });
        if (unattended || Console.IsOutputRedirected)
        {
            console.Profile.Width = WidthWithoutTerminal;
        }

        return console;
    }
}
