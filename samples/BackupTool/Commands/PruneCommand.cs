using System.CommandLine;
using BackupTool.Backup;
using BackupTool.Upkeep;

namespace BackupTool.Commands;

/// <summary>Takes back what no snapshot needs.</summary>
internal static class PruneCommand
{
    public static readonly Option<bool> DryRun = new("--dry-run") { Description = "Only says what would be done." };

    public static Command Create()
    {
        var command = new Command("prune", "Takes back from the ring what no snapshot needs any more.") { DryRun };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            await using var session = await OpenSession.OpenAsync(arguments, cancellationToken);
            return await RunAsync(session, new Output(arguments), arguments.GetValue(DryRun), cancellationToken);
        });
        return command;
    }

    public static async Task<int> RunAsync(OpenSession session, Output output, bool isDryRun, CancellationToken cancellationToken)
    {
        var counters = new Counters();
        var pruning = new Pruning(session.Repository, Environment.MachineName, counters, TimeProvider.System);
        var plan = isDryRun ? await pruning.PlanAsync(cancellationToken) : await output.FollowAsync("Pruning", counters, () => pruning.RunAsync(cancellationToken));
        var would = isDryRun ? "would be " : "";
        output.Say($"{Output.Count(plan.Unused.Count, "pack")} {would}taken back whole, {plan.Repacked.Count:N0} {would}packed anew, {plan.Kept.Count:N0} stay: {Output.Bytes(plan.FreedBytes)} {(isDryRun ? "would come" : "come")} free at each of {session.Repository.Shelf.Replicas} nodes.");
        output.Emit("summary", new()
        {
            ["packs_unused"] = plan.Unused.Count,
            ["packs_repacked"] = plan.Repacked.Count,
            ["packs_kept"] = plan.Kept.Count,
            ["freed_bytes"] = plan.FreedBytes,
            ["dry_run"] = isDryRun,
        });
        return (int)ExitCode.Done;
    }
}
