using Spectre.Console;

namespace PersonalWeb;

/// <summary>Runs everything on one machine, to be looked at.</summary>
internal static class VillageCommand
{
    public static async Task<int> RunAsync(bool isDemo, DirectoryInfo? data, CancellationToken cancellationToken)
    {
        var folder = data ?? Directory.CreateTempSubdirectory("personal-web-");
        try
        {
            await using var village = await Village.StartAsync(folder.FullName, cancellationToken);
            Introduce(village);
            if (isDemo)
            {
                return await Scenes.PlayAsync(village, cancellationToken) ? 0 : 1;
            }

            AnsiConsole.MarkupLine("[grey]Ctrl+C stops the village.[/]");
            await Task.Delay(Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        }
        finally
        {
            if (data is null)
            {
                folder.Delete(recursive: true);
            }
        }
    }

    private static void Introduce(Village village)
    {
        AnsiConsole.MarkupLineInterpolated($"Everyone's sites  {village.Coordinator}");
        foreach (var resident in village.Residents)
        {
            AnsiConsole.MarkupLineInterpolated($"[bold]{resident.Name}[/]  site {resident.Peer.Status.Url}");
            if (resident.Peer.Status.ProxyHost is { Length: > 0 } proxy)
            {
                AnsiConsole.MarkupLineInterpolated($"     [grey]behind a firewall; visitors come through {proxy}[/]");
            }

            AnsiConsole.MarkupLineInterpolated($"     own page {resident.Peer.Status.Url}.youserv/  [grey]folder {resident.Site}[/]");
        }

        AnsiConsole.MarkupLineInterpolated($"Sign in as joe@example.org, alice@example.org or bob@example.org; the password of each is [bold]{Village.Password}[/].");
        AnsiConsole.MarkupLineInterpolated($"[grey]The names are in our DNS as well: dig -p {village.DnsEndpoint.Port} @{village.DnsEndpoint.Address} joe.{Village.Zone}[/]");
    }
}
