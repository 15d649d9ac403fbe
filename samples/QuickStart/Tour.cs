using System.Diagnostics;
using System.Text.Json;
using QuickStart.Files;
using QuickStart.Groups;
using QuickStart.Input;
using QuickStart.Report;
using QuickStart.Ring;
using QuickStart.Search;
using QuickStart.Sets;
using QuickStart.Sites;

namespace QuickStart;

/// <summary>Is the tour from start to end.</summary>
internal static class Tour
{
    /// <returns>True where everything was as it should be.</returns>
    public static async Task<bool> RunAsync(TourSettings settings, Screen screen, CancellationToken cancellationToken)
    {
        var watch = Stopwatch.StartNew();
        var input = InputFolder.Read(settings.Input);
        screen.WriteLine($"{input.Files.Count:N0} files, {input.Bytes / 1e6:N1} MB, of '{input.Path}'.{(input.Skipped > 0 ? $" {input.Skipped:N0} links, and what can't be read, are left out." : "")}");
        using var work = WorkFolder.Open(settings.Work);
        work.Require((RingDefaults.Replicas + 1) * input.Bytes);
        var report = await RunAsync(settings, input, work.Path, screen, watch, cancellationToken);
        screen.WriteTable("What the tour has shown", report.Rows());
        Console.WriteLine(JsonSerializer.Serialize(report, ReportFormat.Default.TourReport));
        return report.IsGood;
    }

    private static async Task<TourReport> RunAsync(TourSettings settings, InputFolder input, string work, Screen screen, Stopwatch watch, CancellationToken cancellationToken)
    {
        var (ring, files, groups, sets) = await RunRingAsync(settings, input, Path.Combine(work, "ring"), screen, cancellationToken);
        var publication = await Publication.ReadAsync(input, SitesChapter.Names, cancellationToken);
        var choice = WordChoice.Of(publication.Documents);
        await using var village = await SitesChapter.StartAsync(Path.Combine(work, "sites"), publication, $"Nobody needs to know that I think of “{choice.Word}”.\n", screen, cancellationToken);
        var sites = await SitesChapter.VisitAsync(village, publication, screen, cancellationToken);
        var search = await SearchChapter.RunAsync(village, publication, choice, screen, cancellationToken);
        return TourReport.Of(input, ring, files, groups, sets, sites, search, watch.Elapsed, PeakRssMb());
    }

    private static async Task<(RingFigures Ring, FileFigures Files, GroupFigures Groups, SetFigures Sets)> RunRingAsync(
        TourSettings settings, InputFolder input, string work, Screen screen, CancellationToken cancellationToken)
    {
        // Each node could hold everything: a small ring that loses nodes has little room to choose.
        var capacity = (input.Bytes * 2) + (input.Files.Count * 16384L) + (64 << 20);
        await using var ring = new LocalRing(work, capacity);
        var ringFigures = await RingChapter.RunAsync(ring, settings.Nodes, screen, cancellationToken);
        var files = await FilesChapter.RunAsync(ring, input, work, screen, cancellationToken);
        var groups = await GroupsChapter.RunAsync(ring, input, screen, cancellationToken);
        var sets = await SetsChapter.RunAsync(ring, input, screen, cancellationToken);
        return (ringFigures, files, groups, sets);
    }

    private static double PeakRssMb()
    {
        using var process = Process.GetCurrentProcess();
        return Math.Round(process.PeakWorkingSet64 / 1e6, 1);
    }
}
