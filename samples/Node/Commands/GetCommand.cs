using System.CommandLine;
using System.Globalization;
using NodeSample.Control;
using NodeSample.Settings;

namespace NodeSample.Commands;

/// <summary>Fetches a file through a running node.</summary>
internal static class GetCommand
{
    public static Command Create()
    {
        var id = FileIds.Argument();
        var output = new Option<FileInfo>("--out") { Description = "Where to write the file.", HelpName = "FILE", Required = true };
        var command = new Command("get", "Fetches a file through the node of a data directory. It is written whole or not at all.")
        {
            id, output, NodeSettings.DataSetting.Option, SettingsSources.ConfigOption,
        };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var target = arguments.GetRequiredValue(output);
            if (target.Directory is not { Exists: true } || Directory.Exists(target.FullName))
            {
                throw new FailedException($"'{target}' is a directory, or lies in none.");
            }

            var data = NodeSettings.DataSetting.Read(SettingsSources.Load(arguments));
            var request = new GetRequest(arguments.GetRequiredValue(id).ToString(), target.FullName);
            var fetched = (await ControlClient.AskAsync(data, request, cancellationToken)).Fetched!;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"fetched {fetched.Length:N0} bytes"));
            return ExitCode.Success;
        });
        return command;
    }
}
