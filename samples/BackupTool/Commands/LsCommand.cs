using System.CommandLine;
using System.Globalization;
using BackupTool.Chunks;
using BackupTool.Packs;
using BackupTool.Trees;

namespace BackupTool.Commands;

/// <summary>Lists what is in a snapshot.</summary>
internal static class LsCommand
{
    private static readonly Argument<string> Name = new("SNAPSHOT") { Description = "The first digits of its id, or 'latest'.", DefaultValueFactory = _ => SnapshotName.Latest };

    private static readonly Argument<string?> Below = new("PATH") { Description = "The folder to list. Default: all.", Arity = ArgumentArity.ZeroOrOne };

    private static readonly SnapshotFilter Filter = new();

    public static Command Create()
    {
        var command = new Command("ls", "Lists the files of a snapshot, with their rights, lengths and times.") { Name, Below };
        Filter.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var output = new Output(arguments);
        await using var session = await OpenSession.OpenAsync(arguments, cancellationToken);
        var catalog = await session.Repository.Heads.ReadAsync(cancellationToken);
        var snapshot = SnapshotName.Find(Filter.Apply(arguments, catalog), arguments.GetRequiredValue(Name));
        var folders = new FolderReader(session.Repository, await session.Repository.LoadIndexAsync(catalog, cancellationToken));
        var below = "/" + (arguments.GetValue(Below) ?? "").Trim('/');
        var (files, bytes, isFound) = (0L, 0L, below == "/");
        await foreach (var (path, entry) in WalkAsync(folders, ChunkId.Parse(snapshot.Root), "", below, cancellationToken))
        {
            isFound = true;
            files += entry.Kind == EntryKind.File ? 1 : 0;
            bytes += entry.Length;
            output.Say(Line(path, entry));
            output.Emit("entry", new()
            {
                ["path"] = path,
                ["kind"] = entry.Kind.ToString().ToLowerInvariant(),
                ["mode"] = Convert.ToString(entry.Mode, 8),
                ["uid"] = entry.UserId,
                ["gid"] = entry.GroupId,
                ["length"] = entry.Length,
                ["modified_ns"] = entry.ModifiedNs,
                ["target"] = entry.Target,
            });
        }

        if (!isFound)
        {
            throw new BackupException($"There is no '{below}' in snapshot {snapshot.ShortId}.");
        }

        output.Emit("summary", new() { ["snapshot"] = snapshot.Id, ["files"] = files, ["bytes"] = bytes });
        return (int)ExitCode.Done;
    }

    /// <summary>Gives what is at a path and below, and reads no other folders than those on the way.</summary>
    private static async IAsyncEnumerable<(string Path, TreeEntry Entry)> WalkAsync(
        FolderReader folders, ChunkId folder, string above, string below, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        foreach (var entry in await folders.ReadAsync(folder, cancellationToken))
        {
            var path = $"{above}/{entry.Name}";
            var isBelow = below == "/" || path == below || path.StartsWith(below + "/", StringComparison.Ordinal);
            if (isBelow)
            {
                yield return (path, entry);
            }

            if (entry.Folder is { } inner && (isBelow || below.StartsWith(path + "/", StringComparison.Ordinal)))
            {
                await foreach (var deeper in WalkAsync(folders, inner, path, below, cancellationToken))
                {
                    yield return deeper;
                }
            }
        }
    }

    private static string Line(string path, TreeEntry entry)
    {
        var time = DateTimeOffset.FromUnixTimeMilliseconds(Math.Clamp(entry.ModifiedNs / 1_000_000, -62_135_596_800_000, 253_402_300_799_999)).ToLocalTime();
        var target = entry.Target is { } leads ? $" -> {leads}" : "";
        return string.Create(CultureInfo.InvariantCulture, $"{Rights(entry)} {entry.UserId,5} {entry.GroupId,5} {entry.Length,12} {time:yyyy-MM-dd HH:mm:ss} {Output.Plain(path + target)}");
    }

    private static string Rights(TreeEntry entry)
    {
        Span<char> text = stackalloc char[10];
        "?rwxrwxrwx".CopyTo(text);
        text[0] = entry.Kind switch { EntryKind.Folder => 'd', EntryKind.Symlink => 'l', _ => '-' };
        for (var bit = 0; bit < 9; bit++)
        {
            if ((entry.Mode >> (8 - bit) & 1) == 0)
            {
                text[bit + 1] = '-';
            }
        }

        foreach (var (bit, place, sign) in ((int, int, char)[])[(11, 3, 's'), (10, 6, 's'), (9, 9, 't')])
        {
            if ((entry.Mode >> bit & 1) != 0)
            {
                text[place] = text[place] == 'x' ? sign : char.ToUpperInvariant(sign);
            }
        }

        return text.ToString();
    }
}
