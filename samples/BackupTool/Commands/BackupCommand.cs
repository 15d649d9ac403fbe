using System.CommandLine;
using System.Text.Json.Nodes;
using BackupTool.Backup;
using BackupTool.Files;

namespace BackupTool.Commands;

/// <summary>Makes a snapshot.</summary>
internal static class BackupCommand
{
    private static readonly Argument<string[]> Paths = new("PATH") { Description = "Files and folders.", Arity = ArgumentArity.OneOrMore };

    private static readonly Option<string[]> Excludes = new("--exclude") { Description = "A pattern, as in a .gitignore, for what is left out.", HelpName = "PATTERN", DefaultValueFactory = _ => [] };

    private static readonly Option<FileInfo[]> ExcludeFiles = new("--exclude-file") { Description = "A file of such patterns, one a line.", HelpName = "FILE", DefaultValueFactory = _ => [] };

    private static readonly Option<bool> ExcludeCaches = new("--exclude-caches") { Description = "Leaves out what is in folders with a CACHEDIR.TAG." };

    private static readonly Option<long?> ExcludeLargerThan = new("--exclude-larger-than")
    {
        Description = "Leaves out larger files.",
        HelpName = "SIZE",
        CustomParser = argument => CommonOptions.ParseSize(argument),
    };

    private static readonly Option<bool> OneFileSystem = new("--one-file-system") { Description = "Leaves out what lies on other disks." };

    private static readonly Option<string> Host = new("--host") { Description = "The name that this machine goes by.", HelpName = "NAME", DefaultValueFactory = _ => Environment.MachineName };

    private static readonly Option<string[]> Tags = new("--tag") { Description = "A word to find the snapshot by.", HelpName = "TAG", DefaultValueFactory = _ => [] };

    private static readonly Option<bool> Force = new("--force") { Description = "Reads all files, also those that look as they did at the last time." };

    public static Command Create()
    {
        var command = new Command("backup", "Makes a snapshot of files and folders. What is stored already is not stored again.")
        {
            Paths, Excludes, ExcludeFiles, ExcludeCaches, ExcludeLargerThan, OneFileSystem, Host, Tags, Force,
        };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var output = new Output(arguments);
        var paths = arguments.GetRequiredValue(Paths);
        string[] missing = [.. paths.Where(path => path.Length == 0 || (!Path.Exists(path) && new FileInfo(path).LinkTarget is null))];
        if (missing.Length == paths.Length)
        {
            throw new BackupException(ExitCode.Usage, $"'{missing[0]}' does not exist, or may not be looked at.");
        }

        foreach (var path in missing)
        {
            output.Problem(path, "it does not exist, or may not be looked at");
        }

        var request = new BackupRequest
        {
            Paths = [.. paths.Except(missing)],
            Host = arguments.GetRequiredValue(Host),
            Tags = arguments.GetRequiredValue(Tags),
            ReadsAll = arguments.GetValue(Force),
            Files = new FileTreeOptions
            {
                Excludes = [.. arguments.GetRequiredValue(Excludes), .. arguments.GetRequiredValue(ExcludeFiles).SelectMany(ReadPatterns)],
                ExcludedFolders = OpenSession.OwnFolders(arguments),
                ExcludeCaches = arguments.GetValue(ExcludeCaches),
                ExcludeLargerThan = arguments.GetValue(ExcludeLargerThan) ?? long.MaxValue,
                OneFileSystem = arguments.GetValue(OneFileSystem),
            },
        };
        await using var session = await OpenSession.OpenAsync(arguments, cancellationToken);
        var counters = new Counters();
        var run = new BackupRun(session.Repository, request, counters, TimeProvider.System, output.Problem);
        var outcome = await output.FollowAsync("Backing up", counters, () => run.RunAsync(cancellationToken));
        var snapshot = outcome.Snapshot;
        output.Say($"Snapshot {snapshot.ShortId}: {Output.Count(snapshot.Files, "file")}, {Output.Bytes(snapshot.Bytes)}; {Output.Bytes(snapshot.AddedBytes)} of contents and folders were new, and take {Output.Bytes(snapshot.StoredBytes)} at each of {session.Repository.Shelf.Replicas} nodes.");
        if (outcome.ResumedBytes > 0)
        {
            output.Say($"An earlier backup was broken off; {Output.Bytes(outcome.ResumedBytes)} that it had stored were taken over.");
        }

        if (output.Problems > 0)
        {
            output.Say($"{Output.Count(output.Problems, "problem")}, see above: what is named there is not in it, or not as it is.");
        }

        output.Emit("summary", new JsonObject
        {
            ["snapshot"] = snapshot.Id,
            ["files"] = snapshot.Files,
            ["folders"] = snapshot.Folders,
            ["bytes"] = snapshot.Bytes,
            ["added_bytes"] = snapshot.AddedBytes,
            ["stored_bytes"] = snapshot.StoredBytes,
            ["resumed_bytes"] = outcome.ResumedBytes,
            ["problems"] = output.Problems,
        });
        return (int)(output.Problems > 0 ? ExitCode.Incomplete : ExitCode.Done);
    }

    private static IEnumerable<string> ReadPatterns(FileInfo file)
    {
        try
        {
            return File.ReadAllLines(file.FullName);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BackupException(ExitCode.Usage, $"The patterns in '{file}' can't be read: {exception.Message}", exception);
        }
    }
}
