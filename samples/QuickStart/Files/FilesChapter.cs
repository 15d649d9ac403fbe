using P2P.Past;
using P2P.Pastry;
using QuickStart.Input;
using QuickStart.Report;
using QuickStart.Ring;

namespace QuickStart.Files;

/// <summary>Stores the folder, stops nodes dead, waits for the repair, and restores the folder through another node.</summary>
internal static class FilesChapter
{
    private const int DifferencesShown = 20;

    private static readonly TimeSpan RepairTimeMax = TimeSpan.FromMinutes(10);

    public static async Task<FileFigures> RunAsync(LocalRing ring, InputFolder input, string work, Screen screen, CancellationToken cancellationToken)
    {
        screen.Chapter("Files (PAST)", $"Each file has {RingDefaults.Replicas} replicas at the nodes next to its id. Where one is lost, the others make another.");
        using var owner = SigningKey.Create();
        var inserter = ring.Live[0];
        (FileId Manifest, IReadOnlyList<FileId> Files) archive = (default, []);
        var insertTime = await screen.RunAsync(
            $"Stored {input.Files.Count:N0} files, {input.Bytes / 1e6:N1} MB",
            input.Bytes,
            async report => archive = await new FolderArchive(owner).StoreAsync(inserter.Past, input, length => report(length), cancellationToken));

        // The manifest loses all but one of its holders at once, and the ring loses the node that inserted everything.
        Member[] victims = [.. ring.HoldersOf(archive.Manifest).OrderByDescending(holder => holder == inserter).Take(RingDefaults.Replicas - 1)];
        var stopped = 0;
        var repairTime = TimeSpan.Zero;
        foreach (var round in (Member[][])[victims, [.. new[] { inserter }.Except(victims)]])
        {
            if (round.Length == 0)
            {
                continue;
            }

            stopped += round.Length;
            await LocalRing.KillAsync(round);
            repairTime += await screen.RunAsync(
                round.Length == 1 ? "Stopped the node that had stored them; all replicas were back" : $"Stopped {round.Length} nodes dead; all replicas were back",
                archive.Files.Count,
                report => WaitForRepairAsync(ring, archive.Files, report, cancellationToken));
        }

        var restored = Path.Combine(work, "restored");
        Directory.CreateDirectory(restored);
        var restoreTime = await screen.RunAsync(
            "Restored the folder from one id, through another node",
            input.Bytes,
            report => FolderArchive.RestoreAsync(ring.Live[^1].Past, archive.Manifest, restored, length => report(length), cancellationToken));
        var differences = await FolderComparison.CompareAsync(input, InputFolder.Read(restored), cancellationToken);
        foreach (var difference in differences.Take(DifferencesShown))
        {
            screen.Result(difference);
        }

        screen.Result(differences.Count == 0 ? "Every name and every byte is equal." : $"{differences.Count:N0} differences. A file that changes while the tour runs is one, too.");
        return new FileFigures(stopped, insertTime.TotalSeconds, repairTime.TotalSeconds, restoreTime.TotalSeconds, archive.Manifest, differences.Count == 0);
    }

    private static async Task WaitForRepairAsync(LocalRing ring, IReadOnlyList<FileId> files, Action<double> report, CancellationToken cancellationToken)
    {
        var whole = 0;
        await Waiting.UntilAsync(
            () =>
            {
                var now = files.Count(file => ring.HoldersOf(file).Count >= RingDefaults.Replicas);
                report(Math.Max(0, now - whole));
                whole = Math.Max(now, whole);
                return now == files.Count;
            },
            RepairTimeMax,
            () => $"{files.Count - whole} files have fewer than {RingDefaults.Replicas} replicas after {RepairTimeMax}.",
            cancellationToken);
    }
}

/// <summary>Holds what the chapter has seen.</summary>
internal sealed record FileFigures(int StoppedNodes, double InsertSeconds, double RepairSeconds, double RestoreSeconds, FileId Manifest, bool IsEqual);
