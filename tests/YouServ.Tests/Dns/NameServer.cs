using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using P2P.YouServ.Dns;

namespace YouServ.Tests.Dns;

/// <summary>Is BIND or Knot with the tests' zone, at a free port of this machine; what it needs lies in a folder that goes with it.</summary>
internal sealed class NameServer : IAsyncDisposable
{
    /// <summary>The key that may update.</summary>
    public const string Secret = "cHVibGlzaGVycyBzaGFyZSBpdCB3aXRoIHNlcnZlcnM=";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly string _folder = Directory.CreateTempSubdirectory("p2p-dns-").FullName;
    private readonly List<string> _log = [];
    private readonly TaskCompletionSource _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;

    private NameServer(IPEndPoint endpoint) => Endpoint = endpoint;

    public IPEndPoint Endpoint { get; }

    public static TsigKey Key(TsigAlgorithm algorithm = TsigAlgorithm.HmacSha256, string name = "youserv", string secret = Secret) =>
        new(DnsName.Parse(name), algorithm, Convert.FromBase64String(secret));

    public static Task<NameServer> StartAsync(string program) => program switch
    {
        "named" => StartAsync(Installed.Program("named", "bind9"), BindSettings, "-g -c", "all zones loaded"),
        "knotd" => StartAsync(Installed.Program("knotd", "knot"), KnotSettings, "-c", "server started"),
        _ => throw new ArgumentException($"No settings are known for {program}.", nameof(program)),
    };

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
            _process.Dispose();
        }

        Directory.Delete(_folder, recursive: true);
    }

    private static async Task<NameServer> StartAsync(string program, Func<string, int, string> settings, string arguments, string ready)
    {
        var server = new NameServer(FreeEndpoint());
        try
        {
            var (zone, file) = (Path.Combine(server._folder, "zone"), Path.Combine(server._folder, "settings"));
            await File.WriteAllTextAsync(zone, "$ORIGIN userv.example.\n$TTL 10\n@ SOA ns1 hostmaster 1 3600 600 604800 5\n@ NS ns1\nns1 A 192.0.2.53\n");
            await File.WriteAllTextAsync(file, settings(server._folder, server.Endpoint.Port));
            await server.RunAsync(program, $"{arguments} {file}", ready);
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    private async Task RunAsync(string program, string arguments, string ready)
    {
        _process = new Process { StartInfo = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true }, EnableRaisingEvents = true };
        _process.OutputDataReceived += (_, line) => Note(line.Data);
        _process.ErrorDataReceived += (_, line) => Note(line.Data);
        _process.Exited += (_, _) => _ready.TrySetException(new InvalidOperationException($"{program} ended:\n{Log()}"));
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        await _ready.Task.WaitAsync(Patience);

        void Note(string? line)
        {
            lock (_log)
            {
                _log.Add(line ?? "");
            }

            if (line?.Contains(ready, StringComparison.Ordinal) == true)
            {
                _ready.TrySetResult();
            }
        }

        string Log()
        {
            lock (_log)
            {
                return string.Join('\n', _log);
            }
        }
    }

    private static IPEndPoint FreeEndpoint()
    {
        while (true)
        {
            using var streams = new TcpListener(IPAddress.Loopback, 0);
            streams.Start();
            try
            {
                using var datagrams = new UdpClient((IPEndPoint)streams.LocalEndpoint);
                return (IPEndPoint)streams.LocalEndpoint;
            }
            catch (SocketException)
            {
                // Taken for datagrams.
            }
        }
    }

    private static string BindSettings(string folder, int port) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        options {
            directory "{{folder}}"; pid-file none; session-keyfile none; recursion no; notify no; dnssec-validation no;
            listen-on port {{port}} { 127.0.0.1; }; listen-on-v6 { none; };
        };
        controls { };
        key "youserv" { algorithm hmac-sha256; secret "{{Secret}}"; };
        key "youserv512" { algorithm hmac-sha512; secret "{{Secret}}"; };
        key "visitor" { algorithm hmac-sha256; secret "{{Secret}}"; };
        zone "userv.example" { type primary; file "zone"; allow-update { key youserv; key youserv512; }; };
        """);

    private static string KnotSettings(string folder, int port) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        server:
            rundir: "{folder}"
            listen: 127.0.0.1@{port}
        database:
            storage: "{folder}"
        log:
          - target: stderr
            any: info
        key:
          - id: youserv
            algorithm: hmac-sha256
            secret: {Secret}
          - id: youserv512
            algorithm: hmac-sha512
            secret: {Secret}
          - id: visitor
            algorithm: hmac-sha256
            secret: {Secret}
        acl:
          - id: update
            key: [youserv, youserv512]
            action: update
        zone:
          - domain: userv.example
            storage: "{folder}"
            file: zone
            acl: update
        """);
}
