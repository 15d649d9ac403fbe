using System.CommandLine;
using System.Globalization;

namespace PaperFigures.Tests;

/// <summary>Is a run of an experiment, small enough for a test, with what it printed and wrote.</summary>
internal sealed record SmallRun(string Printed, string Csv, string Svg)
{
    /// <summary>The command lines, by the names of the experiments.</summary>
    public static IReadOnlyDictionary<string, string> CommandLines { get; } = new Dictionary<string, string>
    {
        ["pastry-hops"] = "--nodes 80 --lookups 2000",
        ["pastry-locality"] = "--nodes 60 --lookups 300 --minutes 2",
        ["pastry-churn"] = "--nodes 60 --lookups 300 --session 600 --shape 0.7 --loss 0.01 --warm-up 5",
        ["pastry-partition"] = "--nodes 40 --minutes 5",
        ["past-churn"] = "--nodes 40 --files 300 --session 1200 --absence 600 --hours 0.5",
        ["past-storage"] = "--nodes 12 --cell d1-l16",
        ["past-cache"] = "--nodes 10",
        ["scribe-faults"] = "--nodes 60 --seconds 8",
        ["scribe"] = "--nodes 80 --groups 20",
        ["scribe-crawl"] = "--nodes 60 --members 30 --senders 10",
        ["yousearch"] = "--peers 200 --queries 200",
    };

    /// <summary>The line of figures for programs.</summary>
    public string Json => Printed.TrimEnd().Split('\n')[^1];

    /// <summary>Runs an experiment in this process, as somebody with these habits of writing numbers would.</summary>
    public static SmallRun Of(string experiment, CultureInfo culture)
    {
        var (before, folder) = (CultureInfo.CurrentCulture, Directory.CreateTempSubdirectory("paper-figures-"));
        try
        {
            CultureInfo.CurrentCulture = culture;
            using var printed = new StringWriter(CultureInfo.InvariantCulture);
            string[] arguments = [experiment, .. CommandLines[experiment].Split(' '), "--out", folder.FullName];
            Assert.Equal(0, Commands.NewRoot().Parse(arguments).Invoke(new InvocationConfiguration { Output = printed, EnableDefaultExceptionHandler = false }));
            return new SmallRun(
                printed.ToString(),
                File.ReadAllText(Path.Combine(folder.FullName, $"{experiment}.csv")),
                File.ReadAllText(Path.Combine(folder.FullName, $"{experiment}.svg")));
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
            folder.Delete(recursive: true);
        }
    }
}
