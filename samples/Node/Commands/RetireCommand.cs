using System.CommandLine;
using System.Globalization;
using NodeSample.Control;
using NodeSample.Settings;

namespace NodeSample.Commands;

/// <summary>Lets a running node leave its ring for good.</summary>
internal static class RetireCommand
{
    private static readonly TimeSpan DefaultLimit = TimeSpan.FromHours(1);

    public static Command Create()
    {
        var limit = new Option<TimeSpan>("--limit")
        {
            Description = "How long to wait, at most 30d. Default: 1h.",
            HelpName = "TIME",
            DefaultValueFactory = _ => DefaultLimit,
            CustomParser = result =>
            {
                try
                {
                    return ValueFormats.Patience(result.Tokens[0].Value);
                }
                catch (FormatException exception)
                {
                    result.AddError($"--limit: {exception.Message}");
                    return default;
                }
            },
        };
        var command = new Command("retire", "Hands all replicas of the node of a data directory to others, and stops it when they have them, also if that takes longer than is waited for.")
        {
            limit, NodeSettings.DataSetting.Option, SettingsSources.ConfigOption,
        };
        command.SetAction(async (arguments, cancellationToken) =>
        {
            var data = NodeSettings.DataSetting.Read(SettingsSources.Load(arguments));
            var request = new RetireRequest(arguments.GetValue(limit).TotalSeconds);
            var retired = (await ControlClient.AskAsync(data, request, cancellationToken)).Retired!;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"handed over {retired.Replicas:N0} replicas; the node stops"));
            return ExitCode.Success;
        });
        return command;
    }
}
