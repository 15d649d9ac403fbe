using System.CommandLine;
using System.Globalization;
using NodeSample.Control;
using NodeSample.Settings;

namespace NodeSample.Commands;

/// <summary>Has a running node check its disk.</summary>
internal static class ScrubCommand
{
    public static Command Create()
    {
        var command = new Command("scrub", "Has the node of a data directory read and check all of its replicas; damaged ones are put aside, and fetched anew from other nodes.")
        {
            NodeSettings.DataSetting.Option, SettingsSources.ConfigOption,
        };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var data = NodeSettings.DataSetting.Read(SettingsSources.Load(arguments));
            var scrubbed = (await ControlClient.AskAsync(data, new ScrubRequest(), cancellationToken)).Scrubbed!;
            Array.ForEach(scrubbed.Damaged, file => Console.WriteLine($"damaged {file}"));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{scrubbed.Damaged.Length:N0} of {scrubbed.Replicas:N0} replicas were damaged"));
            return ExitCode.Success;
        });
        return command;
    }
}
