using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using BackupTool.Backup;
using Spectre.Console;

namespace BackupTool.Commands;

/// <summary>Prints what a verb has to say: for people, or a JSON object a line for programs.</summary>
internal sealed class Output(ParseResult arguments)
{
    private readonly Lock _gate = new();
    private int _problems;

    public bool IsJson { get; } = arguments.GetValue(CommonOptions.Json);

    public bool IsQuiet { get; } = arguments.GetValue(CommonOptions.Quiet);

    /// <summary>How many problems there were.</summary>
    public int Problems => _problems;

    /// <summary>Prints a line for people.</summary>
    public void Say(string line)
    {
        if (!IsJson && !IsQuiet)
        {
            Write(Console.Out, line);
        }
    }

    /// <summary>Prints a line for programs.</summary>
    public void Emit(string type, JsonObject content)
    {
        if (IsJson)
        {
            content.Insert(0, "type", type);
            Write(Console.Out, content.ToJsonString());
        }
    }

    /// <summary>Tells of something that was left out; from several threads.</summary>
    public void Problem(string path, string problem)
    {
        Interlocked.Increment(ref _problems);
        Emit("problem", new() { ["path"] = path, ["problem"] = problem });
        if (!IsJson)
        {
            Write(Console.Error, $"{Plain(path)}: {Plain(problem)}");
        }
    }

    /// <summary>Does something that takes time, and shows how far it is.</summary>
    public async Task<T> FollowAsync<T>(string title, Counters counters, Func<Task<T>> work)
    {
        if (IsJson)
        {
            return await FollowAsync(work, () => Emit("progress", Progress.Of(counters).ToJson()));
        }

        if (IsQuiet || !AnsiConsole.Profile.Capabilities.Interactive)
        {
            return await work();
        }

        return await AnsiConsole.Progress().HideCompleted(true).Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn()).StartAsync(async context =>
        {
            var bar = context.AddTask(Markup.Escape(title), maxValue: 1);
            return await FollowAsync(work, () =>
            {
                var progress = Progress.Of(counters);
                bar.Value = progress.Fraction;
                bar.IsIndeterminate = !counters.IsTotalKnown;
                bar.Description = Markup.Escape($"{title}  {progress}");
            });
        });
    }

    private static bool IsHarmless(char character) => char.GetUnicodeCategory(character) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    /// <summary>Makes text from the ring or from a disk harmless for a terminal.</summary>
    public static string Plain(string text) => string.Concat(text.Select(character => IsHarmless(character) ? character : '\uFFFD'));

    /// <summary>Says how many there are of something.</summary>
    public static string Count(long count, string one) => string.Create(CultureInfo.InvariantCulture, $"{count:N0} {one}{(count == 1 ? "" : "s")}");

    public static string Bytes(long bytes)
    {
        var (value, unit) = ((double)bytes, 0);
        while (value >= 1000 && unit < 5)
        {
            (value, unit) = (value / 1000, unit + 1);
        }

        return string.Create(CultureInfo.InvariantCulture, $"{(unit == 0 ? bytes : value):0.#} {(string[])["B", "kB", "MB", "GB", "TB", "PB"] switch { var units => units[unit] }}");
    }

    private static async Task<T> FollowAsync<T>(Func<Task<T>> work, Action show)
    {
        var working = Task.Run(work);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(200));
        while (await Task.WhenAny(working, timer.WaitForNextTickAsync().AsTask()) != working)
        {
            show();
        }

        show();
        return await working;
    }

    private void Write(TextWriter writer, string line)
    {
        lock (_gate)
        {
            writer.WriteLine(line);
        }
    }
}
