using System.CommandLine;
using Microsoft.Extensions.Configuration;

namespace NodeSample.Settings;

/// <summary>Puts together what a file, the environment and the command line say, each going before the one named earlier.</summary>
internal static class SettingsSources
{
    private const string EnvironmentPrefix = "P2P_";

    public static readonly Option<FileInfo?> ConfigOption = new("--config")
    {
        Description = "A JSON file with settings, such as {\"Data\": \"/var/lib/p2p\", \"Bootstrap\": [\"192.0.2.1:4000\"]}.",
        HelpName = "FILE",
    };

    /// <exception cref="UsageException">The file is missing, is no JSON, or holds a setting that does not exist.</exception>
    public static IConfiguration Load(ParseResult arguments)
    {
        var builder = new ConfigurationBuilder();
        if (arguments.GetValue(ConfigOption) is { } file)
        {
            builder.AddConfiguration(LoadFile(file));
        }

        return builder
            .AddEnvironmentVariables(EnvironmentPrefix)
            .AddInMemoryCollection(NodeSettings.All.Select(setting => KeyValuePair.Create(setting.Key, setting.ValueFrom(arguments))).Where(value => value.Value is not null))
            .Build();
    }

    private static IConfigurationRoot LoadFile(FileInfo file)
    {
        try
        {
            var settings = new ConfigurationBuilder().AddJsonFile(file.FullName, optional: false).Build();
            foreach (var entry in settings.GetChildren())
            {
                if (!NodeSettings.All.Any(setting => setting.Key.Equals(entry.Key, StringComparison.OrdinalIgnoreCase)))
                {
                    throw new UsageException($"--config: '{file}' sets '{entry.Key}', which is no setting; they are {string.Join(", ", NodeSettings.All.Select(setting => setting.Key))}.");
                }
            }

            return settings;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or InvalidDataException)
        {
            throw new UsageException($"--config: '{file}' can't be read: {(exception.InnerException ?? exception).Message}");
        }
    }
}
