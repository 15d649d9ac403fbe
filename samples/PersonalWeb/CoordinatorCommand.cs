using System.CommandLine;
using System.Net;
using P2P.YouServ;
using P2P.YouServ.Dns;
using Spectre.Console;

namespace PersonalWeb;

/// <summary>Runs a coordinator for an organisation, as a file of settings says.</summary>
internal static class CoordinatorCommand
{
    public static Command Create()
    {
        var config = new Option<FileInfo>("--config") { Description = "The file of settings; coordinator.json beside README is an example.", Required = true };
        var run = new Command("coordinator", "Runs a coordinator with its server of DNS.") { config };
        run.SetAction((arguments, cancellationToken) => RunAsync(arguments.GetValue(config)!, cancellationToken));

        var user = new Argument<string>("user") { Description = "The user, such as joe@example.org." };
        var name = new Option<string?>("--name") { Description = "What the user is called." };
        var groups = new Option<string[]>("--group") { Description = "A group of the user's; may be repeated." };
        var add = new Command("add-user", "Adds a user, or sets the password anew. Asks for the password.") { user, config, name, groups };
        add.SetAction((arguments, cancellationToken) =>
            AddUserAsync(arguments.GetValue(config)!, arguments.GetValue(user)!, arguments.GetValue(name), arguments.GetValue(groups) ?? [], cancellationToken));
        run.Subcommands.Add(add);

        var remove = new Command("remove-user", "Removes a user's account, where the coordinator keeps one, and signs the user out everywhere. The site keeps its name.") { user, config };
        remove.SetAction((arguments, cancellationToken) => RemoveUserAsync(arguments.GetValue(config)!, arguments.GetValue(user)!, cancellationToken));
        run.Subcommands.Add(remove);
        return run;
    }

    private static async Task<int> RunAsync(FileInfo config, CancellationToken cancellationToken)
    {
        var builder = Settings.NewBuilder(config);
        var settings = Settings.Read<CoordinatorSettings>(builder.Configuration, config);
        await using var store = await settings.OpenStoreAsync(cancellationToken);
        await using var dns = await DnsServer.StartAsync(settings.DnsOptions(), cancellationToken);
        builder.Services.AddSingleton<ICoordinatorStore>(store);
        builder.Services.AddSingleton<IDnsPublisher>(dns);
        if (settings.Ldap is { } ldap)
        {
            builder.Services.AddSingleton<IAuthenticator>(new LdapAuthenticator(ldap.Options()));
            builder.Services.AddSingleton<IAuthenticator>(new LocalAccounts(store));
        }

        builder.Services.AddYouServCoordinator(options =>
        {
            options.Zone = settings.Zone;
            options.PublicUrl = settings.PublicUrl;
            options.AllowPlainHttp = settings.AllowPlainHttp;
            options.HasOwnCertificate = Settings.HasCertificate(builder.Configuration);
            foreach (var name in settings.NamesOfMachines())
            {
                options.ReservedNames.Add(name);
            }

            options.HeartbeatInterval = settings.HeartbeatInterval ?? options.HeartbeatInterval;
            foreach (var network in settings.PeerNetworks)
            {
                options.PeerNetworks.Add(IPNetwork.Parse(network));
            }
        });
        builder.Services.AddYouSearchRegistrar();
        await using var application = builder.Build();
        application.MapYouServCoordinator();
        application.MapYouSearchRegistrar();
        await application.RunAsync(cancellationToken);
        return 0;
    }

    private static async Task<int> AddUserAsync(FileInfo config, string user, string? name, string[] groups, CancellationToken cancellationToken)
    {
        var settings = Settings.Read<CoordinatorSettings>(Settings.NewBuilder(config).Configuration, config);
        var id = ReadUser(user);
        var password = PasswordPrompt.Ask($"Password of {id}");
        await using var store = await settings.OpenStoreAsync(cancellationToken);
        await new LocalAccounts(store).SetAsync(id, password, name, groups, cancellationToken);
        AnsiConsole.MarkupLineInterpolated($"{id} can sign in.");
        return 0;
    }

    private static async Task<int> RemoveUserAsync(FileInfo config, string user, CancellationToken cancellationToken)
    {
        var settings = Settings.Read<CoordinatorSettings>(Settings.NewBuilder(config).Configuration, config);
        var id = ReadUser(user);
        await using var store = await settings.OpenStoreAsync(cancellationToken);
        var isRemoved = await new LocalAccounts(store).RemoveAsync(id, cancellationToken);
        var sessions = await YouServCoordinator.EndServiceAsync(store, id, cancellationToken);
        AnsiConsole.MarkupLineInterpolated($"{(isRemoved ? $"{id} has no account here any more" : $"{id} has no account here")}, and was signed out at {sessions} places. Nobody keeps a copy of the site any more.");
        return 0;
    }

    private static UserId ReadUser(string text) =>
        UserId.TryParse(text, out var id) ? id : throw new YouServException($"'{text}' names no user: an address of e-mail, such as joe@example.org, does.");
}
