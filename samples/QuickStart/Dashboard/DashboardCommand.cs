using System.Diagnostics;
using QuickStart.Input;
using QuickStart.Report;
using QuickStart.Ring;

namespace QuickStart.Dashboard;

/// <summary>Runs a ring and shows it at a page, until somebody stops it.</summary>
internal static class DashboardCommand
{
    /// <summary>What each node keeps for others at most: the shelf has far less.</summary>
    private const long Capacity = 256 << 20;

    public static async Task RunAsync(TourSettings settings, Screen screen, CancellationToken cancellationToken)
    {
        using var work = WorkFolder.Open(settings.Work);
        LiveShow? started = null;
        await screen.RunAsync(
            $"Started {settings.Nodes} nodes, and stored files of '{settings.Input}'",
            1,
            async _ => started = await LiveShow.StartAsync(new LocalRing(work.Path, Capacity), settings.Nodes, InputFolder.Read(settings.Input), cancellationToken));
        await using var show = started!;
        await using var page = await PageServer.StartAsync(settings.Port, show);

        // A console that folds lines would fold what is to be copied, too.
        Console.WriteLine($"The ring is at {page.Url}");
        if (settings.Opens)
        {
            await OpenAsync(page.Url);
        }

        screen.WriteLine("Ctrl+C stops it.");
        try
        {
            await show.Completion.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Somebody has stopped it, which is how it ends.
        }
    }

    /// <summary>Opens the page with what the platform opens pages with. Where there is nothing, the address is printed anyway.</summary>
    private static async Task OpenAsync(string url)
    {
        try
        {
            var start = OperatingSystem.IsWindows() ? new ProcessStartInfo(url) { UseShellExecute = true }
                : new ProcessStartInfo(OperatingSystem.IsMacOS() ? "open" : "xdg-open", [url]);
            using var opener = Process.Start(start);
        }
        catch (Exception exception) when (exception is System.ComponentModel.Win32Exception or InvalidOperationException)
        {
            await Console.Error.WriteLineAsync("No browser could be opened; open the page yourself.");
        }
    }
}
