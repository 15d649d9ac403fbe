using System.CommandLine;
using System.Globalization;
using NodeSample.Settings;
using P2P.Pastry;

namespace NodeSample.Commands;

/// <summary>Makes the authority of a closed ring, and admits nodes in its name. The authority is a key; it needs no node that runs.</summary>
internal static class AuthorityCommand
{
    public static Command Create() => new("authority", "Makes the authority of a closed ring, and admits nodes to it.") { CreateNew(), CreateAdmit() };

    private static Command CreateNew()
    {
        var file = new Argument<FileInfo>("FILE") { Description = "Where to write the authority's key. Its public half goes to FILE.pub." };
        var command = new Command("new", "Makes an authority: a key that its owner only may read, and beside it the public half for the nodes of the ring.") { file };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var path = arguments.GetRequiredValue(file).FullName;
            if (Path.Exists(path))
            {
                throw new FailedException($"'{path}' is there already; the authority of a ring is made once.");
            }

            using var authority = SigningKey.LoadOrCreate(path);
            await WholeFile.WriteTextAsync($"{path}.pub", authority.PublicKey.ExportPem() + Environment.NewLine, cancellationToken);
            Console.WriteLine($"the key is in {path}; the nodes of the ring take --authority {path}.pub");
            return ExitCode.Success;
        });
        return command;
    }

    private static Command CreateAdmit()
    {
        var node = new Argument<FileInfo>("NODE.pub") { Description = "The node's public key, as the verb identity prints it." };
        var key = new Option<FileInfo>("--key") { Description = "The authority's key.", HelpName = "FILE", Required = true };
        var output = new Option<FileInfo>("--out") { Description = "Where to write the certificate.", HelpName = "FILE", Required = true };
        var lifetime = new Option<TimeSpan>("--lifetime")
        {
            Description = "How long the node is admitted. Default: 365d.",
            HelpName = "TIME",
            DefaultValueFactory = _ => TimeSpan.FromDays(365),
            CustomParser = result =>
            {
                try
                {
                    return ValueFormats.Duration(result.Tokens[0].Value);
                }
                catch (FormatException exception)
                {
                    result.AddError($"--lifetime: {exception.Message}");
                    return default;
                }
            },
        };
        var command = new Command("admit", "Admits a node: issues a certificate for its key.") { node, key, output, lifetime, NodeSettings.RingSetting.Option, SettingsSources.ConfigOption };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var ring = NodeSettings.RingSetting.Read(SettingsSources.Load(arguments));
            var admitted = KeyFiles.LoadPublicKey(arguments.GetRequiredValue(node).FullName);
            using var authority = KeyFiles.LoadKey(arguments.GetRequiredValue(key).FullName);
            var expiry = DateTimeOffset.UtcNow + arguments.GetValue(lifetime);
            var certificate = await AdmissionCertificate.IssueAsync(authority, admitted, ring, expiry, cancellationToken);
            await WholeFile.WriteTextAsync(arguments.GetRequiredValue(output).FullName, certificate.ExportPem() + Environment.NewLine, cancellationToken);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"admitted {admitted.NodeId} to ring {ring} until {certificate.ExpiresAt:u}"));
            return ExitCode.Success;
        });
        return command;
    }
}
