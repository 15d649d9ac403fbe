using System.Net;
using System.Security.Cryptography;
using P2P.YouServ;
using P2P.YouServ.Dns;

namespace PersonalWeb;

/// <summary>Reads a file of settings, which environment variables may overrule.</summary>
internal static class Settings
{
    /// <summary>
    /// What is logged unless the settings say otherwise. A line for each request would tell whoever reads the log the secrets of share links; and why the host could not start is
    /// told by whoever started it.
    /// </summary>
    private static readonly Dictionary<string, string?> Quiet = new()
    {
        ["Logging:LogLevel:Microsoft.AspNetCore"] = nameof(LogLevel.Warning),
        ["Logging:LogLevel:Microsoft.Extensions.Hosting.Internal.Host"] = nameof(LogLevel.None),
    };

    public static WebApplicationBuilder NewBuilder(FileInfo config)
    {
        if (!config.Exists)
        {
            throw new YouServException($"There is no file {config.FullName}.");
        }

        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(Quiet);
        try
        {
            builder.Configuration.AddJsonFile(config.FullName);
        }
        catch (InvalidDataException failure)
        {
            throw new YouServException($"{config.FullName} is no JSON: {failure.InnerException?.Message}", failure);
        }

        builder.Configuration.AddEnvironmentVariables();
        return builder;
    }

    /// <summary>Whether the settings name a certificate for the web server.</summary>
    public static bool HasCertificate(IConfiguration configuration) =>
        configuration.GetSection("Kestrel:Certificates:Default").Exists() || configuration.GetSection("Kestrel:Endpoints").GetChildren().Any(endpoint => endpoint.GetSection("Certificate").Exists());

    public static T Read<T>(IConfiguration configuration, FileInfo config)
        where T : class
    {
        try
        {
            return configuration.Get<T>() ?? throw new YouServException($"{config.FullName} says nothing.");
        }
        catch (InvalidOperationException failure)
        {
            throw new YouServException($"{config.FullName}: {failure.Message}", failure);
        }
    }
}

/// <summary>What the file of a coordinator says.</summary>
internal sealed class CoordinatorSettings
{
    public string Zone { get; set; } = "";

    public Uri? PublicUrl { get; set; }

    public bool AllowPlainHttp { get; set; }

    /// <summary>How often peers are to be heard, as in 00:00:15; by default as in <see cref="CoordinatorOptions"/>.</summary>
    public TimeSpan? HeartbeatInterval { get; set; }

    /// <summary>A file for SQLite; without one, Postgres says where PostgreSQL is.</summary>
    public string? Database { get; set; }

    public string? Postgres { get; set; }

    public string[] PeerNetworks { get; set; } = [];

    public DnsSettings Dns { get; set; } = new();

    /// <summary>The organisation's directory, where there is one. Users that it does not know may have accounts of the coordinator's.</summary>
    public LdapSettings? Ldap { get; set; }

    public async Task<SqlCoordinatorStore> OpenStoreAsync(CancellationToken cancellationToken) =>
        Postgres is not null ? await PostgresCoordinatorStore.OpenAsync(Postgres, cancellationToken) : await SqliteCoordinatorStore.OpenAsync(Database ?? "coordinator.db", cancellationToken: cancellationToken);

    /// <summary>What stands in the zone already, and is no site's to have.</summary>
    public IEnumerable<SiteName> NamesOfMachines() =>
        Dns.NameServers.Concat(Dns.Addresses.Keys)
            .Where(name => name.EndsWith($".{Zone}", StringComparison.OrdinalIgnoreCase))
            .Select(name => SiteName.TryParse(name[..^(Zone.Length + 1)], out var label) ? label : default)
            .Where(label => label != default);

    public DnsServerOptions DnsOptions()
    {
        if (!DnsName.TryParse(Zone, out var zone) || Dns.NameServers.Length == 0)
        {
            throw new YouServException("The settings must name a Zone, and in Dns at least one of NameServers.");
        }

        return new()
        {
            Zone = zone,
            NameServers = [.. Dns.NameServers.Select(DnsName.Parse)],
            Endpoints = Dns.Endpoints.Length > 0 ? [.. Dns.Endpoints.Select(IPEndPoint.Parse)] : [new(IPAddress.Any, 53), new(IPAddress.IPv6Any, 53)],
            Path = Dns.Database,
            Records = [.. Dns.Addresses.Select(pair => DnsRecordSet.OfAddresses(DnsName.Parse(pair.Key), IPAddress.Parse(pair.Value)))],
        };
    }
}

/// <summary>What the file of a coordinator says of DNS.</summary>
internal sealed class DnsSettings
{
    public string[] Endpoints { get; set; } = [];

    public string[] NameServers { get; set; } = [];

    public string? Database { get; set; } = "dns.db";

    /// <summary>Names with fixed addresses: those of the name servers, and the coordinator's own.</summary>
    public Dictionary<string, string> Addresses { get; set; } = [];
}

/// <summary>What the file of a coordinator says of the organisation's directory. What it leaves out is as in <see cref="LdapOptions"/>.</summary>
internal sealed class LdapSettings
{
    public LdapServer[] Servers { get; set; } = [];

    public LdapSecurity Security { get; set; } = LdapSecurity.Ldaps;

    /// <summary>A file with the certificates of the organisation's own authorities (PEM).</summary>
    public string? Authorities { get; set; }

    public string? BindDn { get; set; }

    /// <summary>Better an environment variable than a line of the file: Ldap__BindPassword.</summary>
    public string? BindPassword { get; set; }

    public string BaseDn { get; set; } = "";

    public string? UserFilter { get; set; }

    public string? IdAttribute { get; set; }

    public string? GroupFilter { get; set; }

    public string? GroupBaseDn { get; set; }

    public LdapOptions Options()
    {
        var options = new LdapOptions
        {
            Security = Security,
            BindDn = BindDn,
            BindPassword = BindPassword,
            BaseDn = BaseDn,
            GroupFilter = GroupFilter,
            GroupBaseDn = GroupBaseDn,
        };
        options.UserFilter = UserFilter ?? options.UserFilter;
        options.IdAttribute = IdAttribute ?? options.IdAttribute;
        foreach (var server in Servers)
        {
            options.Servers.Add(server);
        }

        try
        {
            if (Authorities is not null)
            {
                options.TrustedAuthorities.ImportFromPemFile(Authorities);
            }
        }
        catch (Exception failure) when (failure is IOException or CryptographicException)
        {
            throw new YouServException($"The certificates of Ldap's Authorities can't be read: {failure.Message}", failure);
        }

        return options;
    }
}

/// <summary>What the file of a peer says.</summary>
internal sealed class PeerSettings
{
    public Uri? Coordinator { get; set; }

    public string Folder { get; set; } = "";

    public string State { get; set; } = "";

    /// <summary>A file with the coordinator's authority (PEM), from its <c>/authority.crt</c>; without one, those that the system trusts.</summary>
    public string? Authority { get; set; }

    public string? Device { get; set; }

    /// <summary>Where others reach the machine, if not at the address from which it calls the coordinator, whose PeerNetworks must then hold it.</summary>
    public string[] Addresses { get; set; } = [];

    public int? Port { get; set; }

    /// <summary>Whether the machine carries the visitors of colleagues whose machines cannot be reached.</summary>
    public bool IsProxy { get; set; }

    /// <summary>How many bytes each site may have of which the machine keeps a copy; else 10 GiB.</summary>
    public long? ReplicaLengthMax { get; set; }

    public bool ShowsHidden { get; set; }

    public bool RunsScripts { get; set; }
}
