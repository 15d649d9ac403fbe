using System.CommandLine;
using System.Text.Json;
using NodeSample.Control;
using NodeSample.Settings;

namespace NodeSample.Commands;

/// <summary>Tells by the exit code whether a running node is well, for those who watch it: a container's engine, a script.</summary>
internal static class HealthCommand
{
    public static Command Create()
    {
        var live = new Option<bool>("--live") { Description = "Asks only whether the node's loop goes on, not whether the node is ready." };
        var command = new Command("health", "Prints how the node of a data directory is, in one line of JSON; exits with 0 where it is ready, and with 1 where it is not, or none runs.")
        {
            live, NodeSettings.DataSetting.Option, SettingsSources.ConfigOption,
        };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var data = NodeSettings.DataSetting.Read(SettingsSources.Load(arguments));
            var health = (await ControlClient.AskAsync(data, new HealthRequest(), cancellationToken)).Health!;
            Console.WriteLine(JsonSerializer.Serialize(health, ControlFormat.Default.NodeHealth));
            return (arguments.GetValue(live) ? health.Live : health.Ready) ? ExitCode.Success : ExitCode.Failed;
        });
        return command;
    }
}
