using System.CommandLine;
using System.Text.Json.Nodes;
using BackupTool.Backup;
using BackupTool.Files;
using BackupTool.Restore;

namespace BackupTool.Commands;

/// <summary>Brings a snapshot back.</summary>
internal static class RestoreCommand
{
    private static readonly Argument<string> Name = new("SNAPSHOT") { Description = "The first digits of its id, or 'latest'.", DefaultValueFactory = _ => SnapshotName.Latest };

    private static readonly Option<DirectoryInfo> Target = new("--target") { Description = "The folder to restore to.", HelpName = "DIR", Required = true };

    private static readonly Option<string[]> Includes = new("--include") { Description = "A pattern, as in a .gitignore, for what is wanted. Default: all.", HelpName = "PATTERN", DefaultValueFactory = _ => [] };

    private static readonly Option<bool> KeepExisting = new("--keep-existing") { Description = "Leaves files alone that are there already." };

    public static Command Create()
    {
        var command = new Command("restore", "Brings a snapshot back: contents, rights, times and links.") { Name, Target, Includes, KeepExisting };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var output = new Output(arguments);
        await using var session = await OpenSession.OpenAsync(arguments, cancellationToken);
        var catalog = await session.Repository.Heads.ReadAsync(cancellationToken);
        var snapshot = SnapshotName.Find(catalog, arguments.GetRequiredValue(Name));
        var index = await session.Repository.LoadIndexAsync(catalog, cancellationToken);
        var counters = new Counters();
        using var target = new RestoreTarget(arguments.GetRequiredValue(Target).FullName, arguments.GetValue(KeepExisting), output.Problem);
        var run = new RestoreRun(session.Repository, index, target, arguments.GetRequiredValue(Includes), counters, output.Problem);
        await output.FollowAsync("Restoring", counters, async () =>
        {
            await run.RunAsync(snapshot, cancellationToken);
            return true;
        });
        output.Say($"Restored {counters.Files:N0} of {counters.FilesTotal:N0} files, {Output.Bytes(counters.Bytes)}, of snapshot {snapshot.ShortId}.");
        if (target.KeptCount > 0)
        {
            output.Say($"{target.KeptCount:N0} were there already and were left alone.");
        }

        output.Emit("summary", new JsonObject
        {
            ["snapshot"] = snapshot.Id,
            ["files"] = counters.Files,
            ["files_total"] = counters.FilesTotal,
            ["bytes"] = counters.Bytes,
            ["kept"] = target.KeptCount,
            ["problems"] = output.Problems,
        });
        return (int)(output.Problems > 0 ? ExitCode.Incomplete : ExitCode.Done);
    }
}
