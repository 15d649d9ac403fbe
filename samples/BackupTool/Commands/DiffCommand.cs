using System.CommandLine;
using BackupTool.Chunks;
using BackupTool.Packs;
using BackupTool.Trees;
using BackupTool.Upkeep;

namespace BackupTool.Commands;

/// <summary>Shows how two snapshots differ.</summary>
internal static class DiffCommand
{
    private static readonly Argument<string> Before = new("BEFORE") { Description = "The first digits of a snapshot's id." };

    private static readonly Argument<string> After = new("AFTER") { Description = "The first digits of another's, or 'latest'.", DefaultValueFactory = _ => SnapshotName.Latest };

    public static Command Create()
    {
        var command = new Command("diff", "Shows what was added (+), removed (-), changed in content (M), in kind (T), or in rights and times only (U).") { Before, After };
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var output = new Output(arguments);
        await using var session = await OpenSession.OpenAsync(arguments, cancellationToken);
        var catalog = await session.Repository.Heads.ReadAsync(cancellationToken);
        var (before, after) = (SnapshotName.Find(catalog, arguments.GetRequiredValue(Before)), SnapshotName.Find(catalog, arguments.GetRequiredValue(After)));
        var difference = new SnapshotDifference(new FolderReader(session.Repository, await session.Repository.LoadIndexAsync(catalog, cancellationToken)));
        var counts = new Dictionary<Difference, int>();
        var added = 0L;
        await foreach (var (kind, path, entry) in difference.CompareAsync(ChunkId.Parse(before.Root), ChunkId.Parse(after.Root), "", cancellationToken))
        {
            counts[kind] = counts.GetValueOrDefault(kind) + 1;
            added += kind switch { Difference.Added => entry.Length, Difference.Removed => -entry.Length, _ => 0 };
            var shown = path + (entry.Kind == EntryKind.Folder ? "/" : "");
            output.Say($"{Sign(kind)}    {Output.Plain(shown)}");
            output.Emit("difference", new() { ["difference"] = kind.ToString().ToLowerInvariant(), ["path"] = shown });
        }

        int Count(Difference kind) => counts.GetValueOrDefault(kind);
        output.Say($"{Count(Difference.Added):N0} added, {Count(Difference.Removed):N0} removed, {Count(Difference.Content) + Count(Difference.Kind):N0} changed, {Count(Difference.Metadata):N0} with other rights or times.");
        output.Emit("summary", new()
        {
            ["before"] = before.Id,
            ["after"] = after.Id,
            ["added"] = Count(Difference.Added),
            ["removed"] = Count(Difference.Removed),
            ["changed"] = Count(Difference.Content) + Count(Difference.Kind),
            ["metadata"] = Count(Difference.Metadata),
            ["bytes_more"] = added,
        });
        return (int)ExitCode.Done;
    }

    private static char Sign(Difference difference) => difference switch
    {
        Difference.Added => '+',
        Difference.Removed => '-',
        Difference.Content => 'M',
        Difference.Kind => 'T',
        _ => 'U',
    };
}
