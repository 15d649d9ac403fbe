using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using NodeSample.Control;
using NodeSample.Settings;

namespace NodeSample.Commands;

/// <summary>Shows how the account of a running node's user stands at the broker.</summary>
internal static class QuotaCommand
{
    public static Command Create()
    {
        var json = new Option<bool>("--json") { Description = "Prints one line of JSON." };
        var command = new Command("quota", "Shows how much the files that are put through the node of a data directory may take, and take.")
        {
            json, NodeSettings.DataSetting.Option, SettingsSources.ConfigOption,
        };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var data = NodeSettings.DataSetting.Read(SettingsSources.Load(arguments));
            var quota = (await ControlClient.AskAsync(data, new QuotaRequest(), cancellationToken)).Quota!;
            Console.WriteLine(arguments.GetValue(json)
                ? JsonSerializer.Serialize(quota, ControlFormat.Default.QuotaStatus)
                : string.Create(CultureInfo.InvariantCulture, $"{quota.UsedBytes:N0} of {quota.GrantedBytes:N0} bytes used"));
            return ExitCode.Success;
        });
        return command;
    }
}
