using System.CommandLine;
using PaperFigures.Experiments;
using PaperFigures.Output;

namespace PaperFigures;

/// <summary>Offers the experiments on the command line, a verb each.</summary>
internal static class Commands
{
    public static RootCommand NewRoot()
    {
        var root = new RootCommand("Repeats the experiments of the papers in simulation, and sets our figures beside theirs.");
        IExperiment[] experiments =
        [
            new PastryHops(), new PastryLocality(), new PastryChurn(), new PastryPartition(), new PastChurn(), new PastStorage(), new PastCache(), new ScribeFaults(), new ScribeTrees(), new ScribeCrawl(), new YouSearchTimes(),
        ];
        foreach (var experiment in experiments)
        {
            root.Add(NewCommand(experiment));
        }

        return root;
    }

    private static Command NewCommand(IExperiment experiment)
    {
        var folder = new Option<DirectoryInfo>("--out")
        {
            Description = "Where the table (CSV) and the chart (SVG) are written.",
            DefaultValueFactory = _ => new DirectoryInfo("artifacts/figures"),
        };
        var seed = new Option<ulong>("--seed") { Description = "Where all randomness comes from.", DefaultValueFactory = _ => 1 };
        var command = new Command(experiment.Name, experiment.Description) { folder, seed };
        foreach (var option in experiment.Options)
        {
            command.Add(option);
        }

        command.SetAction(arguments =>
        {
            var figures = experiment.Run(arguments, arguments.GetValue(seed));
            Report.Write(experiment.Name, figures, arguments.GetRequiredValue(folder), arguments.InvocationConfiguration.Output);
            return 0;
        });
        return command;
    }
}
