using System.Globalization;
using System.Text.Json;

namespace Benchmarks.Backup;

/// <summary>
/// Backs up a folder, backs it up again after a day's changes, checks the repository with all its data and restores to an empty folder: by the sample BackupTool and by restic in turn, each
/// as it comes, whole processes. Figures are medians of the rounds; each round has fresh repositories.
/// </summary>
internal static class BackupBenchmark
{
    private const int RoundsQuick = 3;
    private const int Rounds = 7;

    public static int Run(bool quick)
    {
        // It lies beside the program, since a folder for temporary files may be in memory. What a round leaves stays until the end:
        // a disk that has just forgotten many files is slow at making new ones.
        var folder = Directory.CreateDirectory(Path.Combine(AppContext.BaseDirectory, $"backup-{Guid.NewGuid():n}")).FullName;
        try
        {
            var tree = new SourceTree(Path.Combine(folder, "tree"));
            var ours = new OwnTool();
            var restic = Restic.TryFind(Path.Combine(folder, "restic cache"));
            MeasuredTool[] tools = restic is null ? [ours] : [ours, restic];
            var rounds = quick ? RoundsQuick : Rounds;
            for (var i = 0; i < rounds; i++)
            {
                // Who is second finds the tree in memory, so that each is once.
                Measure(Path.Combine(folder, $"round {i}"), tree, [.. i % 2 == 0 ? tools : tools.Reverse()]);
            }

            Print(tree, ours, restic, rounds);
            return tools.All(tool => tool.Difference is null) ? 0 : 1;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static void Measure(string folder, SourceTree tree, MeasuredTool[] tools)
    {
        foreach (var tool in tools)
        {
            Directory.CreateDirectory(In(tool, ""));
            tool.Begin(In(tool, "repository"));
        }

        Each(tool => tool.Backup(Step.First, tree.Path));
        tree.Change();
        Each(tool => tool.Backup(Step.Second, tree.Path));
        Each(tool => tool.Check());
        Each(tool => tool.Restore(In(tool, "restored")));
        Each(tool =>
        {
            tool.Weigh(In(tool, "repository"));
            tool.Difference ??= TreeComparison.Difference(tree.Path, Path.Join(In(tool, "restored"), tree.Path));
        });

        string In(MeasuredTool tool, string name) => Path.Combine(folder, tool.GetType().Name, name);

        void Each(Action<MeasuredTool> act)
        {
            foreach (var tool in tools)
            {
                act(tool);
            }
        }
    }

    private static void Print(SourceTree tree, OwnTool ours, Restic? restic, int rounds)
    {
        Line($"{SourceTree.SmallFiles:n0} small files and 4 large ones, {tree.Bytes / 1e6:n0} MB; {rounds} rounds in turn, median seconds of whole processes.");
        Console.WriteLine(restic is null ? "restic is not installed: nothing to compare with." : $"{restic.Version}, with its cache.");
        Console.WriteLine();
        Console.WriteLine("| tool | first backup | second backup | check with all data | restore | stored MB | restored equal |");
        Console.WriteLine("|---|---:|---:|---:|---:|---:|---|");
        foreach (var tool in restic is null ? [ours] : (MeasuredTool[])[ours, restic])
        {
            var seconds = string.Join(" | ", Enum.GetValues<Step>().Select(step => Median(tool.Seconds[step]).ToString("f2", CultureInfo.InvariantCulture)));
            Line($"| {tool.Name} | {seconds} | {Median(tool.StoredBytes) / 1e6:n0} | {tool.Difference ?? "yes"} |");
        }

        Console.WriteLine();
        var figures = new Dictionary<string, object> { ["trials"] = rounds, ["equal"] = ours.Difference is null, ["stored_bytes"] = Median(ours.StoredBytes) };
        foreach (var step in Enum.GetValues<Step>())
        {
            var name = step.ToString().ToLowerInvariant();
            figures[$"{name}_seconds"] = Math.Round(Median(ours.Seconds[step]), 3);
            if (restic is not null)
            {
                figures[$"{name}_restic_seconds"] = Math.Round(Median(restic.Seconds[step]), 3);
                figures[$"{name}_ratio"] = Math.Round(Median([.. ours.Seconds[step].Zip(restic.Seconds[step], (mine, theirs) => mine / theirs)]), 3);
            }
        }

        if (restic is not null)
        {
            figures["restic_stored_bytes"] = Median(restic.StoredBytes);
        }

        Console.WriteLine(JsonSerializer.Serialize(figures));
    }

    private static void Line(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
