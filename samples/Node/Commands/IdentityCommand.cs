using System.CommandLine;
using NodeSample.Settings;
using P2P.Pastry;

namespace NodeSample.Commands;

/// <summary>Shows the public key of the node of a data directory, which the authority of a closed ring certifies, or of its user, for whom nodes contribute.</summary>
internal static class IdentityCommand
{
    public static Command Create()
    {
        var user = new Option<bool>("--user") { Description = "Prints the public key of the user whose files are put through the node, for other nodes' --account." };
        var command = new Command("identity", "Prints the node's public key, for the authority of a closed ring, or for who trusts the broker on this node. The key is made where it is missing.")
        {
            user, NodeSettings.DataSetting.Option, NodeSettings.IdKeySetting.Option, SettingsSources.ConfigOption,
        };
        command.SetAction(arguments =>
        {
            var settings = SettingsSources.Load(arguments);
            var directory = NodeSettings.DataSetting.Read(settings);
            var idKey = NodeSettings.IdKeySetting.Read(settings);
            DataDirectory.Make(directory);
            var file = arguments.GetValue(user) ? DataDirectory.UserKeyFileOf(directory)
                : idKey.Length > 0 ? idKey
                : DataDirectory.NodeKeyFileOf(directory);
            using var key = SigningKey.LoadOrCreate(file);
            Console.WriteLine(key.PublicKey.ExportPem());
            return ExitCode.Success;
        });
        return command;
    }
}
