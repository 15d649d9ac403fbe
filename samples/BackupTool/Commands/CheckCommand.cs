using System.CommandLine;
using BackupTool.Backup;
using BackupTool.Upkeep;

namespace BackupTool.Commands;

/// <summary>Makes sure that everything is there.</summary>
internal static class CheckCommand
{
    private static readonly Option<bool> ReadData = new("--read-data") { Description = "Reads every chunk too, and every replica of the ring that runs within this program." };

    private static readonly Option<bool> Repair = new("--repair") { Description = "Takes what is lost or damaged out of the indexes, so that the next backup stores it again." };

    public static Command Create()
    {
        var command = new Command("check", "Makes sure that all that the snapshots consist of is in the ring; the exit code is 1 where something is not.") { ReadData, Repair };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var output = new Output(arguments);
        var readsData = arguments.GetValue(ReadData);
        await using var session = await OpenSession.OpenAsync(arguments, cancellationToken);
        var counters = new Counters();
        var check = new RepositoryCheck(session.Repository, readsData, counters);
        var (damaged, healed) = await output.FollowAsync("Checking", counters, async () =>
        {
            var scrubbed = readsData ? await session.Ring.ScrubAsync(cancellationToken) : default;
            await check.RunAsync(cancellationToken);
            return scrubbed;
        });
        foreach (var (path, problem) in check.Problems)
        {
            output.Problem(path, problem);
        }

        if (damaged > 0)
        {
            output.Say($"{Output.Count(damaged, "damaged replica")}; {healed:N0} made anew from others.");
        }

        var isRepaired = output.Problems > 0 && arguments.GetValue(Repair);
        if (isRepaired)
        {
            await check.RepairAsync(cancellationToken);
        }

        output.Say(output.Problems == 0
            ? $"All is there: {Output.Count(check.Snapshots, "snapshot")}, {Output.Count(check.Chunks, "chunk")} in {Output.Count(check.Packs, "pack")}{(readsData ? ", and each chunk was read" : "")}. Nobody needs {Output.Bytes(check.UnusedBytes)}."
            : $"{Output.Count(output.Problems, "problem")}, see above. What is named there is lost unless lost nodes come back. {(isRepaired ? "It is out of the indexes now: back up again what you still have." : "To have it stored again by the next backup, check with --repair.")}");
        output.Emit("summary", new()
        {
            ["snapshots"] = check.Snapshots,
            ["packs"] = check.Packs,
            ["chunks"] = check.Chunks,
            ["unused_bytes"] = check.UnusedBytes,
            ["damaged_replicas"] = damaged,
            ["healed_replicas"] = healed,
            ["problems"] = output.Problems,
            ["repaired"] = isRepaired,
        });
        return (int)(output.Problems == 0 ? ExitCode.Done : ExitCode.Failed);
    }
}
