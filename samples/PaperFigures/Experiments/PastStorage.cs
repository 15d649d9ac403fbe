using System.CommandLine;
using System.Globalization;
using P2P.Past;
using PaperFigures.Experiments.Storage;
using PaperFigures.Output;

namespace PaperFigures.Experiments;

/// <summary>PAST (2001), §5.1: an archive is filled to its brim, and inserts that find no room are counted.</summary>
internal sealed class PastStorage : IExperiment
{
    private static readonly double[] Marks = [0.80, 0.90, 0.95, 0.98];

    private readonly Option<string> _cell = new("--cell")
    {
        Description = $"Which setting of the paper: {string.Join(", ", StorageCell.All.Select(cell => cell.Name))}, or all.",
        DefaultValueFactory = _ => "d1-l32",
    };

    private readonly Option<string> _policy = new("--policy")
    {
        Description = "paper: one neighbour is asked, four salts; ours: the library's way.",
        DefaultValueFactory = _ => "paper",
    };

    private readonly Option<int> _nodes = new("--nodes") { Description = "How many nodes join; the files are so many fewer as the nodes are.", DefaultValueFactory = _ => 2_250 };

    public PastStorage()
    {
        _cell.AcceptOnlyFromAmong([.. StorageCell.All.Select(cell => cell.Name), "all"]);
        _policy.AcceptOnlyFromAmong("paper", "ours");
    }

    public string Name => "past-storage";

    public string Description => "Inserts refused and diverted, while an archive fills up.";

    public IReadOnlyList<Option> Options => [_cell, _policy, _nodes];

    public Figures Run(ParseResult arguments, ulong seed)
    {
        var name = arguments.GetRequiredValue(_cell);
        var isOurs = arguments.GetRequiredValue(_policy) == "ours";
        var nodes = arguments.GetValue(_nodes);
        (StorageCell Cell, StorageRun.Outcome Outcome)[] runs =
        [
            .. StorageCell.All
                .Where(cell => name == "all" || cell.Name == name)
                .Select(cell => (cell, StorageRun.Measure(cell, isOurs ? Ours : past => past, nodes, seed))),
        ];
        var (_, last) = runs[^1];
        var title = string.Create(
            CultureInfo.InvariantCulture, $"{nodes:n0} nodes, {last.Files:n0} files, k = 5, b = 4, {(isOurs ? "the library's policy" : "the paper's policy")}");
        string[] columns =
        [
            "", "success", "fail", "file div.", "replica div.", "utilisation",
            .. Marks.Select(mark => string.Create(CultureInfo.InvariantCulture, $"fail at {mark:p0}")), "wall s", "µs an insert",
        ];
        return new Figures(
            title,
            columns,
            [.. runs.SelectMany(run => Rows(run.Cell, run.Outcome))],
            Draw(title, runs),
            [
                ("success", Round(1 - last.End.Fail)),
                ("fail", Round(last.End.Fail)),
                ("file_diversion", Round(last.End.FileDiversion)),
                ("replica_diversion", Round(last.End.ReplicaDiversion)),
                ("utilisation", Round(last.End.Utilisation)),
                ("fail_at_95", Round(last.At(0.95)?.Fail ?? -1)),
                .. Marks.Where(mark => mark != 0.95).Select(mark => (string.Create(CultureInfo.InvariantCulture, $"fail_at_{mark * 100:f0}"), (object)Round(last.At(mark)?.Fail ?? -1))),
                ("files", last.Files),
                ("wall_seconds", Math.Round(last.WallSeconds, 1)),
            ]);
    }

    /// <summary>More neighbours and more places are asked than in the paper.</summary>
    private static PastOptions Ours(PastOptions past)
    {
        var ours = new PastOptions();
        return past.SaltsMax == 1 ? past : past with { DiversionsMax = ours.DiversionsMax, SaltsMax = ours.SaltsMax, RoomyFactor = ours.RoomyFactor };
    }

    private static IEnumerable<string[]> Rows(StorageCell cell, StorageRun.Outcome outcome)
    {
        var end = outcome.End;
        yield return
        [
            cell.Name, Show(1 - end.Fail), Show(end.Fail), Show(end.FileDiversion), Show(end.ReplicaDiversion), Show(end.Utilisation),
            .. Marks.Select(mark => outcome.At(mark) is { } point ? Show(point.Fail) : "-"),
            outcome.WallSeconds.ToString("f0", CultureInfo.InvariantCulture),
            outcome.MicrosecondsAnInsert.ToString("f1", CultureInfo.InvariantCulture),
        ];
        if (cell.Paper is { } paper)
        {
            yield return
            [
                "  paper", Show(paper.Success / 100), Show(paper.Fail / 100), Show(paper.FileDiversion / 100), Show(paper.ReplicaDiversion / 100), Show(paper.Utilisation / 100),
                "-", "-", "-", "-", "-", "-",
            ];
        }
    }

    private static Chart Draw(string subtitle, IReadOnlyList<(StorageCell Cell, StorageRun.Outcome Outcome)> runs) => new(
        "An archive fills up",
        subtitle,
        "Paper: Rowstron and Druschel, SOSP 2001, tables 2 to 4, figures 2 to 7. Each curve counts from the first insert on.",
        Panel("fraction of inserts that failed", runs, point => point.Fail),
        Panel("fraction of files at another salt", runs, point => point.FileDiversion),
        Panel("fraction of replicas diverted", runs, point => point.ReplicaDiversion));

    private static LinePanel Panel(string title, IReadOnlyList<(StorageCell Cell, StorageRun.Outcome Outcome)> runs, Func<StorageRun.Point, double> value) => new(
        "utilisation",
        title,
        false,
        [.. runs.Select(run => (run.Cell.Name, Mark.Steps, (IReadOnlyList<(double, double)>)[.. run.Outcome.Curve.Append(run.Outcome.End).Select(point => (point.Utilisation, value(point)))]))]);

    private static string Show(double value) => double.IsNaN(value) ? "-" : value.ToString("p2", CultureInfo.InvariantCulture);

    private static double Round(double value) => Math.Round(value, 5);
}
