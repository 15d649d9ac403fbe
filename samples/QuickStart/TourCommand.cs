using System.CommandLine;
using System.Globalization;
using QuickStart.Dashboard;
using QuickStart.Report;
using QuickStart.Ring;

namespace QuickStart;

/// <summary>Reads the command line.</summary>
internal static class TourCommand
{
    /// <summary>What the program ends with where it was told to stop in the middle, as shells have it.</summary>
    private const int Stopped = 130;

    public static RootCommand Create()
    {
        var input = new Option<DirectoryInfo?>("--input") { Description = "The folder that the tour is about. Default: this repository's src." };
        var nodes = Number("--nodes", "How many nodes the ring has.", 12, RingDefaults.NodesMin, RingDefaults.NodesMax);
        var work = new Option<DirectoryInfo?>("--work") { Description = "Where nodes and sites keep what they have, a folder that is empty or not there yet. Default: a temporary folder, removed at the end." };
        var unattended = new Option<bool>("--unattended") { Description = "Prints no animation." };
        var dashboard = new Option<bool>("--dashboard") { Description = "Shows a ring live at a page of the browser, where nodes can be stopped and started, instead of the tour; until Ctrl+C." };
        var port = Number("--port", "The port of the dashboard, on this machine only; default a free one.", 0, 0, ushort.MaxValue);
        var open = new Option<bool>("--open") { Description = "Opens the dashboard in the browser." };
        input.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: { Length: > 0 } name }] && !Directory.Exists(name))
            {
                result.AddError($"The folder '{name}' does not exist; name one with --input.");
            }
        });
        var root = new RootCommand("A tour of the whole family on a folder of yours: a ring of nodes over TCP and TLS that keeps its files, groups, sets, sites, and a search over these.")
        {
            input, nodes, work, unattended, dashboard, port, open,
        };
        root.SetAction(async (arguments, cancellationToken) =>
        {
            var settings = new TourSettings
            {
                Input = arguments.GetValue(input)?.FullName ?? SourceFolder(),
                Nodes = arguments.GetValue(nodes),
                Work = arguments.GetValue(work)?.FullName,
                Port = arguments.GetValue(port),
                Opens = arguments.GetValue(open),
            };
            using var screen = new Screen(arguments.GetValue(unattended));
            try
            {
                if (arguments.GetValue(dashboard))
                {
                    await DashboardCommand.RunAsync(settings, screen, cancellationToken);
                    return 0;
                }

                return await Tour.RunAsync(settings, screen, cancellationToken) ? 0 : 1;
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                return Stopped;
            }
        });
        return root;
    }

    private static Option<int> Number(string name, string description, int usual, int min, int max)
    {
        var option = new Option<int>(name) { Description = $"{description} {min} to {max}.", DefaultValueFactory = _ => usual };
        option.Validators.Add(result =>
        {
            // What can't be read as a number is told by the parser itself.
            if (result.Tokens is [{ Value: var text }] && int.TryParse(text, CultureInfo.InvariantCulture, out var value) && (value < min || value > max))
            {
                result.AddError($"{name} is {value}; it must be {min} to {max}.");
            }
        });
        return option;
    }

    /// <summary>Finds this repository's src, from wherever the program was started.</summary>
    private static string SourceFolder()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "P2P.Libraries.sln")))
            {
                return Path.Combine(folder.FullName, "src");
            }
        }

        return Directory.GetCurrentDirectory();
    }
}
