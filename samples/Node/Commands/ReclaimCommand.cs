using System.CommandLine;
using System.Globalization;
using NodeSample.Control;
using NodeSample.Settings;

namespace NodeSample.Commands;

/// <summary>Takes back a file that was put through a running node.</summary>
internal static class ReclaimCommand
{
    public static Command Create()
    {
        var id = FileIds.Argument();
        var command = new Command("reclaim", "Takes back a file that was put through the node of a data directory, whose owner it is.")
        {
            id, NodeSettings.DataSetting.Option, SettingsSources.ConfigOption,
        };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var data = NodeSettings.DataSetting.Read(SettingsSources.Load(arguments));
            var request = new ReclaimRequest(arguments.GetRequiredValue(id).ToString());
            var reclaimed = (await ControlClient.AskAsync(data, request, cancellationToken)).Reclaimed!;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"reclaimed from {reclaimed.Nodes} nodes"));
            return ExitCode.Success;
        });
        return command;
    }
}
