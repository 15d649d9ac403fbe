using System.CommandLine;
using System.Text.Json.Nodes;
using BackupTool.Repository;
using BackupTool.Upkeep;

namespace BackupTool.Commands;

/// <summary>Takes snapshots out of the repository.</summary>
internal static class ForgetCommand
{
    private static readonly Argument<string[]> Names = new("SNAPSHOT") { Description = "The first digits of snapshots' ids.", Arity = ArgumentArity.ZeroOrMore };

    private static readonly Option<int> KeepLast = Keep("--keep-last", "The last N are kept.");

    private static readonly Option<int> KeepDaily = Keep("--keep-daily", "The last one of each of the last N days with snapshots is kept.");

    private static readonly Option<int> KeepWeekly = Keep("--keep-weekly", "The last one of each of N weeks.");

    private static readonly Option<int> KeepMonthly = Keep("--keep-monthly", "The last one of each of N months.");

    private static readonly Option<int> KeepYearly = Keep("--keep-yearly", "The last one of each of N years.");

    private static readonly Option<string[]> KeepTags = new("--keep-tag") { Description = "Snapshots with this tag are kept.", HelpName = "TAG", DefaultValueFactory = _ => [] };

    private static readonly Option<bool> All = new("--all") { Description = "Forgets even where the rules keep nothing at all." };

    private static readonly SnapshotFilter Filter = new();

    private static readonly Option<bool> Prune = new("--prune") { Description = "Takes back at once what no snapshot needs any more." };

    public static Command Create()
    {
        var command = new Command("forget", "Takes snapshots out: those that are named, or all that no rule keeps. What they consist of is taken back by prune.")
        {
            Names, KeepLast, KeepDaily, KeepWeekly, KeepMonthly, KeepYearly, KeepTags, All, Prune, PruneCommand.DryRun,
        };
        Filter.AddTo(command);
        command.SetAction(RunAsync);
        return command;
    }

    private static Option<int> Keep(string name, string description)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !int.TryParse(token.Value, System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out _))
            {
                result.AddError($"{name}: expected a number, 0 or more.");
            }
        });
        return option;
    }

    private static async Task<int> RunAsync(ParseResult arguments, CancellationToken cancellationToken)
    {
        var output = new Output(arguments);
        var names = arguments.GetValue(Names) ?? [];
        var policy = new RetentionPolicy
        {
            Last = arguments.GetValue(KeepLast),
            Daily = arguments.GetValue(KeepDaily),
            Weekly = arguments.GetValue(KeepWeekly),
            Monthly = arguments.GetValue(KeepMonthly),
            Yearly = arguments.GetValue(KeepYearly),
            Tags = arguments.GetRequiredValue(KeepTags),
        };
        if (policy.IsEmpty == (names.Length == 0))
        {
            throw new BackupException(ExitCode.Usage, "Name snapshots to forget, or say with --keep-… which are kept: one of both.");
        }

        var isDryRun = arguments.GetValue(PruneCommand.DryRun);
        await using var session = await OpenSession.OpenAsync(arguments, cancellationToken);
        IReadOnlyList<Snapshot> Choose(Catalog catalog) =>
            names.Length > 0 ? [.. names.Select(name => SnapshotName.Find(catalog, name)).Distinct()] : policy.Forgotten(Filter.Apply(arguments, catalog).Snapshots, TimeZoneInfo.Local);

        var start = await session.Repository.Heads.ReadAsync(cancellationToken);
        var forgotten = Choose(start).Select(snapshot => snapshot.Id).ToHashSet();
        var kept = start.Snapshots.Count - forgotten.Count;
        if (kept == 0 && names.Length == 0 && forgotten.Count > 0 && !arguments.GetValue(All))
        {
            throw new BackupException(ExitCode.Usage, "These rules keep no snapshot at all. If that is meant, say --all as well.");
        }

        if (forgotten.Count > 0 && !isDryRun)
        {
            await session.Repository.Heads.ChangeAsync(catalog => catalog with { Snapshots = [.. catalog.Snapshots.Where(snapshot => !forgotten.Contains(snapshot.Id))] }, cancellationToken);
        }

        foreach (var snapshot in start.Snapshots.Where(snapshot => forgotten.Contains(snapshot.Id)))
        {
            output.Say($"{(isDryRun ? "Would forget" : "Forgot")} {snapshot.ShortId} of {snapshot.Time.ToLocalTime():yyyy-MM-dd HH:mm:ss}, {Output.Plain($"{snapshot.Host}: {string.Join(", ", snapshot.Paths)}")}");
        }

        output.Say($"{forgotten.Count:N0} of {Output.Count(start.Snapshots.Count, "snapshot")} {(isDryRun ? "would be forgotten" : "forgotten")}, {kept:N0} kept.");
        output.Emit("forgotten", new JsonObject { ["snapshots"] = new JsonArray([.. forgotten.Select(id => JsonValue.Create(id))]), ["kept"] = kept, ["dry_run"] = isDryRun });
        if (arguments.GetValue(Prune) && !isDryRun)
        {
            return await PruneCommand.RunAsync(session, output, isDryRun: false, cancellationToken);
        }

        output.Emit("summary", new() { ["forgotten"] = forgotten.Count, ["kept"] = kept, ["dry_run"] = isDryRun });
        return (int)ExitCode.Done;
    }
}
