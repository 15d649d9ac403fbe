using System.CommandLine;
using System.Globalization;
using NodeSample.Control;
using NodeSample.Settings;
using P2P.Past;

namespace NodeSample.Commands;

/// <summary>Stores a file through a running node.</summary>
internal static class PutCommand
{
    public static Command Create()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "The file to store." };
        var name = new Option<string?>("--name") { Description = "The name that it is stored under. Default: the file's own.", HelpName = "NAME" };
        var replicas = new Option<int>("--replicas") { Description = "How many nodes are to hold it.", HelpName = "N", DefaultValueFactory = _ => 3 };
        replicas.Validators.Add(result =>
        {
            // Without the option, there is the default.
            if (result.Tokens is [var token] && !(int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                && count is >= 1 and <= FileCertificate.ReplicaCountMax))
            {
                result.AddError($"--replicas: expected a number from 1 to {FileCertificate.ReplicaCountMax}.");
            }
        });
        var command = new Command("put", "Stores a file through the node of a data directory; the last line is the file's id.")
        {
            file, name, replicas, NodeSettings.DataSetting.Option, SettingsSources.ConfigOption,
        };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var source = arguments.GetRequiredValue(file);
            var request = new PutRequest(source.FullName, arguments.GetValue(name) ?? source.Name, arguments.GetValue(replicas));
            if (!source.Exists)
            {
                throw new FailedException(Directory.Exists(source.FullName)
                    ? $"'{source}' is a directory; put stores one file."
                    : $"The file '{source}' does not exist.");
            }

            var data = NodeSettings.DataSetting.Read(SettingsSources.Load(arguments));
            var stored = (await ControlClient.AskAsync(data, request, cancellationToken)).Stored!;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"stored {stored.Length:N0} bytes on {stored.Replicas} nodes"));
            Console.WriteLine(stored.Id);
            return ExitCode.Success;
        });
        return command;
    }
}
