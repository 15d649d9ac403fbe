using System.Diagnostics;
using System.Text.Json;
using Game.Web;

namespace Game;

/// <summary>Plays: a person at a page, bots, or both, until somebody stops it or the time is over.</summary>
internal static class Match
{
    public static async Task<int> RunAsync(Settings settings, CancellationToken cancellationToken)
    {
        var screen = new Screen();
        await using var party = await Party.OpenAsync(settings);
        if (settings.IsUnattended && settings.Bots == 0)
        {
            await Console.Error.WriteLineAsync("With --unattended somebody has to fly: say how many, such as --bots 10.");
            return 1;
        }

        if (settings.Bots > 0)
        {
            screen.WriteLine($"Starting {settings.Bots} bots, each with a node of its own.");
        }

        var player = await party.FillAsync(!settings.IsUnattended, cancellationToken);
        await using var page = player is null ? null : await PageServer.StartAsync(settings.Port, player, party.Clock);
        Screen.WriteAddress("Others join", $"dotnet run --project samples/Game -- --join {party.Address} --world {Quoted(settings.World)}");
        if (page is not null)
        {
            Screen.WriteAddress("Play at", page.Url);
            Open(settings, page.Url);
        }

        if (settings.Duration is { } span)
        {
            await Comparison.SettleAsync(party, cancellationToken);
            Report(screen, settings, await Measurement.TakeAsync(party, span, cancellationToken));
        }
        else
        {
            screen.WriteLine("Ctrl+C stops it.");
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return 0;
    }

    private static string Quoted(string text) => text.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_' or '.') ? text : $"'{text.Replace("'", "'\\''", StringComparison.Ordinal)}'";

    private static void Report(Screen screen, Settings settings, Measurement measured)
    {
        screen.WriteTable(settings.IsEverything ? "Without areas of interest" : "With areas of interest", measured.Rows());
        if (settings.IsJson)
        {
            Console.WriteLine(JsonSerializer.Serialize(
                new MatchReport(
                    measured.Players,
                    settings.Rate,
                    measured.Seconds,
                    measured.UpdateP50Ms,
                    measured.UpdateP99Ms,
                    measured.MessagesPerPlayerSecond,
                    measured.BatchesPerPlayerSecond,
                    measured.BytesPerPlayerSecond,
                    measured.JoinsPerPlayerSecond,
                    measured.UnsaidPerPlayerSecond,
                    measured.ProcessorUse,
                    measured.Updates,
                    settings.IsEverything,
                    Trials: 1),
                ReportFormat.Default.MatchReport));
        }
    }

    /// <summary>Opens the page with what the platform opens pages with. Where there is nothing, the address is printed anyway.</summary>
    private static void Open(Settings settings, string url)
    {
        if (!settings.Opens)
        {
            return;
        }

        try
        {
            var start = OperatingSystem.IsWindows() ? new ProcessStartInfo(url) { UseShellExecute = true }
                : new ProcessStartInfo(OperatingSystem.IsMacOS() ? "open" : "xdg-open", [url]);
            using var opener = Process.Start(start);
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            Console.Error.WriteLine("No browser could be opened; open the page yourself.");
        }
    }
}

/// <summary>Holds the figures of one run.</summary>
internal sealed record MatchReport(
    int Players,
    int RatePerSecond,
    double Seconds,
    double UpdateP50Ms,
    double UpdateP99Ms,
    double MessagesPerPlayerSecond,
    double BatchesPerPlayerSecond,
    double BytesPerPlayerSecond,
    double JoinsPerPlayerSecond,
    double UnsaidPerPlayerSecond,
    double ProcessorsBusy,
    long Updates,
    bool Everything,
    int Trials);
