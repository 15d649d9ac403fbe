using System.CommandLine;
using System.Globalization;
using System.Text.Json.Nodes;
using BackupTool.Repository;
using Spectre.Console;

namespace BackupTool.Commands;

/// <summary>Lists the snapshots.</summary>
internal static class SnapshotsCommand
{
    public static Command Create()
    {
        var command = new Command("snapshots", "Lists the snapshots, the oldest first.");
        var filter = new SnapshotFilter();
        filter.AddTo(command);
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var output = new Output(arguments);
            await using var session = await OpenSession.OpenAsync(arguments, cancellationToken);
            Snapshot[] snapshots = [.. filter.Apply(arguments, await session.Repository.Heads.ReadAsync(cancellationToken)).Snapshots.OrderBy(snapshot => snapshot.Time)];
            foreach (var snapshot in snapshots)
            {
                output.Emit("snapshot", Describe(snapshot));
            }

            output.Emit("summary", new() { ["snapshots"] = snapshots.Length });
            if (!output.IsJson && !output.IsQuiet)
            {
                Print(snapshots);
            }

            return (int)ExitCode.Done;
        });
        return command;
    }

    private static JsonObject Describe(Snapshot snapshot) => new()
    {
        ["snapshot"] = snapshot.Id,
        ["time"] = snapshot.Time.ToString("o", CultureInfo.InvariantCulture),
        ["host"] = snapshot.Host,
        ["user"] = snapshot.User,
        ["paths"] = new JsonArray([.. snapshot.Paths.Select(path => JsonValue.Create(path))]),
        ["tags"] = new JsonArray([.. snapshot.Tags.Select(tag => JsonValue.Create(tag))]),
        ["files"] = snapshot.Files,
        ["bytes"] = snapshot.Bytes,
        ["added_bytes"] = snapshot.AddedBytes,
    };

    private static void Print(Snapshot[] snapshots)
    {
        if (snapshots.Length == 0)
        {
            Console.WriteLine("There are no snapshots yet; backup makes one.");
            return;
        }

        var table = new Table().Border(TableBorder.Minimal).AddColumns("Snapshot", "Time", "Host", "Tags", "Files", "Size", "New", "Paths");
        foreach (var snapshot in snapshots)
        {
            table.AddRow(((string[])
            [
                snapshot.ShortId,
                snapshot.Time.ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture),
                snapshot.Host,
                string.Join(", ", snapshot.Tags),
                snapshot.Files.ToString("N0", CultureInfo.InvariantCulture),
                Output.Bytes(snapshot.Bytes),
                Output.Bytes(snapshot.AddedBytes),
                string.Join(", ", snapshot.Paths),
            ]).Select(cell => Markup.Escape(Output.Plain(cell))).ToArray());
        }

        if (Console.IsOutputRedirected)
        {
            // Nobody reads cells that are cut to eighty columns.
            AnsiConsole.Profile.Width = 1000;
            table.Border(TableBorder.None);
        }

        AnsiConsole.Write(table);
    }
}
