using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using P2P.YouServ;

namespace YouServ.Tests.Ldap;

/// <summary>Is OpenLDAP's server with a few users, at free ports of this machine, for as long as the tests run that need it.</summary>
public sealed class Slapd : IAsyncLifetime
{
    public const string Reader = "cn=reader,dc=example,dc=org";
    public const string ReaderPassword = "reads & tells";
    public const string JoesPassword = "correct horse";
    public const string JürgensPassword = "Grüße, 世界 🔑";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(120);

    private readonly string _folder = Directory.CreateTempSubdirectory("p2p-slapd-").FullName;
    private readonly StringBuilder _log = new();
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TestAuthority _authority = new();
    private Process? _process;
    private int _port;
    private int _securedPort;

    /// <summary>Gives options for this server. Skips the test where there is no slapd.</summary>
    internal async Task<LdapOptions> OptionsAsync(LdapSecurity security = LdapSecurity.None, string host = "127.0.0.1")
    {
        await StartAsync();
        return new()
        {
            Servers = { new(host, security == LdapSecurity.Ldaps ? _securedPort : _port) },
            Security = security,
            TrustedAuthorities = { _authority.Certificate },
            BindDn = Reader,
            BindPassword = ReaderPassword,
            BaseDn = "dc=example,dc=org",
            ServerTimeout = TimeSpan.FromMinutes(2),
        };
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private async Task StartAsync()
    {
        if (_process is not null)
        {
            return;
        }

        var (server, loader) = (Installed.Program("slapd", "slapd"), Installed.Program("slapadd", "slapd"));
        var (settings, users) = (Path.Combine(_folder, "slapd.conf"), Path.Combine(_folder, "users.ldif"));
        var (certificate, key) = _authority.Issue();
        Directory.CreateDirectory(Path.Combine(_folder, "data"));
        await File.WriteAllTextAsync(Path.Combine(_folder, "server.pem"), certificate);
        await File.WriteAllTextAsync(Path.Combine(_folder, "server.key"), key);
        await File.WriteAllTextAsync(Path.Combine(_folder, "authority.pem"), _authority.Certificate.ExportCertificatePem());
        await File.WriteAllTextAsync(settings, Settings(_folder));
        await File.WriteAllTextAsync(users, Users());
        using (var load = Process.Start(new ProcessStartInfo(loader, ["-f", settings, "-l", users]))!)
        {
            await load.WaitForExitAsync();
            Assert.Equal(0, load.ExitCode);
        }

        (_port, _securedPort) = FreePorts();
        var urls = string.Create(CultureInfo.InvariantCulture, $"ldap://127.0.0.1:{_port}/ ldaps://127.0.0.1:{_securedPort}/");

        // With a level of debugging it stays in the foreground; this one tells when it is ready.
        var process = new Process { StartInfo = new(server, ["-f", settings, "-h", urls, "-d", "stats"]) { RedirectStandardError = true }, EnableRaisingEvents = true };
        process.ErrorDataReceived += (_, line) => Note(line.Data);
        process.Exited += (_, _) => _ready.TrySetException(new InvalidOperationException($"slapd ended:\n{_log}"));
        process.Start();
        _process = process;
        process.BeginErrorReadLine();
        await _ready.Task.WaitAsync(Patience);
    }

    private void Note(string? line)
    {
        lock (_log)
        {
            _log.AppendLine(line);
        }

        if (line?.Contains("slapd starting", StringComparison.Ordinal) == true)
        {
            _ready.TrySetResult();
        }
    }

    private static (int, int) FreePorts()
    {
        using var first = new TcpListener(IPAddress.Loopback, 0);
        using var second = new TcpListener(IPAddress.Loopback, 0);
        first.Start();
        second.Start();
        return (((IPEndPoint)first.LocalEndpoint).Port, ((IPEndPoint)second.LocalEndpoint).Port);
    }

    /// <summary>It lets anybody be nobody, with any name but an empty password: what a careless server does.</summary>
    private static string Settings(string folder) =>
        $"""
        include /etc/ldap/schema/core.schema
        include /etc/ldap/schema/cosine.schema
        include /etc/ldap/schema/inetorgperson.schema
        modulepath /usr/lib/ldap
        moduleload back_mdb
        moduleload memberof
        TLSCACertificateFile {folder}/authority.pem
        TLSCertificateFile {folder}/server.pem
        TLSCertificateKeyFile {folder}/server.key
        allow bind_anon_cred bind_anon_dn
        database mdb
        suffix "dc=example,dc=org"
        directory {folder}/data
        maxsize 16777216
        overlay memberof
        access to attrs=userPassword by anonymous auth by * none
        access to * by dn.exact="{Reader}" read by * none

        """;

    private static string Users()
    {
        var text = new StringBuilder();
        Entry("dc=example,dc=org", ["dcObject", "organization"], [("o", "Example")]);
        Entry("ou=people,dc=example,dc=org", ["organizationalUnit"], []);
        Entry("ou=groups,dc=example,dc=org", ["organizationalUnit"], []);
        Entry(Reader, ["organizationalRole", "simpleSecurityObject"], [("userPassword", ReaderPassword)]);
        Person(
            "joe", "Joe Doe", JoesPassword,
            ("mail", "Joe@Example.org"), ("mail", "zoe@example.org"), ("displayName", "Joe"),
            ("memberOf", "cn=Staff,ou=groups,dc=example,dc=org"), ("memberOf", @"cn=Night\2C watch,ou=groups,dc=example,dc=org"));
        Person("jürgen", "Jürgen Größe", JürgensPassword, ("mail", "juergen@example.org"));
        Person("twin-a", "Ann", "one of two", ("mail", "twins@example.org"));
        Person("twin-b", "Bea", "one of two", ("mail", "twins@example.org"));
        Person("a*b(c)", "Odd", "odd one out", ("mail", "odd@example.org"));
        Person("mailless", "Max", "no post please");
        Entry("cn=Staff,ou=groups,dc=example,dc=org", ["groupOfNames"], [("member", "uid=joe,ou=people,dc=example,dc=org")]);
        Entry("cn=Ärzte (alle),ou=groups,dc=example,dc=org", ["groupOfNames"], [("member", "uid=jürgen,ou=people,dc=example,dc=org")]);
        Entry(
            @"cn=Night\2C watch,ou=groups,dc=example,dc=org", ["groupOfNames"],
            [("member", "uid=jürgen,ou=people,dc=example,dc=org"), ("member", "uid=joe,ou=people,dc=example,dc=org")]);
        return text.ToString();

        void Person(string id, string name, string password, params (string, string)[] more) =>
            Entry($"uid={id},ou=people,dc=example,dc=org", ["inetOrgPerson"], [("cn", name), ("sn", name), ("userPassword", password), .. more]);

        void Entry(string dn, string[] classes, (string Name, string Value)[] attributes)
        {
            Line("dn", dn);
            foreach (var (name, value) in classes.Select(name => ("objectClass", name)).Concat(attributes))
            {
                Line(name, value);
            }

            text.Append('\n');
        }

        void Line(string name, string value) => text.Append(CultureInfo.InvariantCulture, $"{name}:: {Convert.ToBase64String(Encoding.UTF8.GetBytes(value))}\n");
    }
}
