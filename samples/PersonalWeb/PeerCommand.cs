using System.CommandLine;
using System.Net;
using P2P.YouServ;
using Spectre.Console;

namespace PersonalWeb;

/// <summary>Runs one's own site on one's own machine.</summary>
internal static class PeerCommand
{
    public static Command Create()
    {
        var config = new Option<FileInfo>("--config") { Description = "The file of settings; peer.json beside README is an example.", Required = true };
        var user = new Option<string?>("--user") { Description = "Sign in as this user first; asks for the password. Needed once." };
        var run = new Command("peer", "Serves a folder as one's own site.") { config, user };
        run.SetAction((arguments, cancellationToken) => RunAsync(arguments.GetValue(config)!, arguments.GetValue(user), cancellationToken));
        return run;
    }

    private static async Task<int> RunAsync(FileInfo config, string? user, CancellationToken cancellationToken)
    {
        var builder = Settings.NewBuilder(config);
        var settings = Settings.Read<PeerSettings>(builder.Configuration, config);
        builder.Services.AddYouServPeer(options =>
        {
            options.Coordinators.Add(settings.Coordinator ?? throw new YouServException($"{config.FullName} names no Coordinator, such as https://userv.example."));
            options.Folder = settings.Folder;
            options.StateFolder = settings.State;
            options.Device = settings.Device ?? options.Device;
            options.Port = settings.Port;
            foreach (var address in settings.Addresses)
            {
                options.Addresses.Add(IPAddress.TryParse(address, out var parsed) ? parsed : throw new YouServException($"{config.FullName}: '{address}' in Addresses is no address, such as 192.0.2.7."));
            }

            options.IsProxy = settings.IsProxy;
            options.RunsScripts = settings.RunsScripts;
            options.ShowsHidden = settings.ShowsHidden;
            options.ReplicaLengthMax = settings.ReplicaLengthMax ?? options.ReplicaLengthMax;
            options.HasOwnCertificate = Settings.HasCertificate(builder.Configuration);
            if (settings.Authority is not null)
            {
                options.TrustedAuthorities.ImportFromPemFile(settings.Authority);
            }
        });
        builder.Services.AddYouSearch();
        await using var application = builder.Build();
        application.UseYouServPeer();
        await application.StartAsync(cancellationToken);
        var peer = application.Services.GetRequiredService<YouServPeer>();
        if (user is not null)
        {
            await peer.SignInAsync(user, PasswordPrompt.Ask($"Password of {user}"), cancellationToken);
        }

        if (peer.Status.State == PeerState.SignedOut)
        {
            throw new YouServException("Nobody has signed in at this peer yet. Run it once with --user.");
        }

        AnsiConsole.MarkupLineInterpolated($"{Path.GetFullPath(settings.Folder)} is to be {peer.Status.Url}; what comes of it is said below.");
        await application.WaitForShutdownAsync(cancellationToken);
        return 0;
    }
}
