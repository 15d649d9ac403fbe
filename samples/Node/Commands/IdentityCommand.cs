using System.CommandLine;
using NodeSample.Settings;
using P2P.Pastry;

namespace NodeSample.Commands;

/// <summary>Shows the public key of the node of a data directory, which the authority of a closed ring certifies.</summary>
internal static class IdentityCommand
{
    public static Command Create()
    {
        var command = new Command("identity", "Prints the node's public key, for the authority of a closed ring. The key is made where it is missing.")
        {
            NodeSettings.DataSetting.Option, NodeSettings.IdKeySetting.Option, SettingsSources.ConfigOption,
        };
        command.SetAction(arguments =>
        {
            var settings = SettingsSources.Load(arguments);
            var directory = NodeSettings.DataSetting.Read(settings);
            var idKey = NodeSettings.IdKeySetting.Read(settings);
            DataDirectory.Make(directory);
            using var key = SigningKey.LoadOrCreate(idKey.Length > 0 ? idKey : DataDirectory.NodeKeyFileOf(directory));
            Console.WriteLine(key.PublicKey.ExportPem());
            return ExitCode.Success;
        });
        return command;
    }
}
