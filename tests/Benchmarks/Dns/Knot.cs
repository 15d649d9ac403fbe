using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using P2P.YouServ.Dns;

namespace Benchmarks.Dns;

/// <summary>Is a Knot that is installed on this machine, as its package sets it up, with the same zone; started for the benchmark and stopped after it.</summary>
internal sealed class Knot : IAsyncDisposable
{
    private static readonly byte[] Secret = "the same thirty-two bytes at both"u8[..32].ToArray();

    private Knot(Process process, IPEndPoint endpoint) => (Process, Endpoint) = (process, endpoint);

    public Process Process { get; }

    public IPEndPoint Endpoint { get; }

    /// <summary>Starts it with records as zone files have them; null where it is not installed.</summary>
    public static async Task<Knot?> TryStartAsync(BenchmarkFolder folder, string records)
    {
        if (Programs.Find("knotd") is not { } program)
        {
            return null;
        }

        var endpoint = FreeEndpoint();
        folder.Write("zone", $"$ORIGIN {DnsBenchmark.Zone}.\n@ 10 SOA ns1 hostmaster 1 3600 600 604800 5\n@ 10 NS ns1\nns1 10 A 127.0.0.1\n{records}");
        var settings = folder.Write("knot.conf", Settings(folder.PathOf(""), endpoint.Port));
        var process = Process.Start(new ProcessStartInfo(program, $"-c {settings}") { RedirectStandardOutput = true, RedirectStandardError = true })!;
        while (await process.StandardError.ReadLineAsync() is { } line)
        {
            if (line.Contains("server started", StringComparison.Ordinal))
            {
                _ = process.StandardError.ReadToEndAsync();
                _ = process.StandardOutput.ReadToEndAsync();
                return new Knot(process, endpoint);
            }
        }

        throw new InvalidOperationException($"{program} ended; try {program} -c {settings}");
    }

    public UpdatePublisher Publisher(int concurrency) => new(new UpdatePublisherOptions
    {
        Server = Endpoint,
        Zone = DnsBenchmark.Zone,
        Key = new TsigKey(DnsName.Parse("youserv"), TsigAlgorithm.HmacSha256, Secret),
        ConcurrentUpdatesMax = concurrency,
        AnswerTimeout = TimeSpan.FromSeconds(30),
    });

    public async ValueTask DisposeAsync()
    {
        Process.Kill();
        await Process.WaitForExitAsync();
        Process.Dispose();
    }

    private static IPEndPoint FreeEndpoint()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return (IPEndPoint)probe.LocalEndpoint;
    }

    private static string Settings(string folder, int port) => string.Create(
        CultureInfo.InvariantCulture,
        $"""
        server:
            rundir: "{folder}"
            listen: 127.0.0.1@{port}
        database:
            storage: "{folder}"
        log:
          - target: stderr
            any: notice
            server: info
        key:
          - id: youserv
            algorithm: hmac-sha256
            secret: {Convert.ToBase64String(Secret)}
        acl:
          - id: update
            key: youserv
            action: update
        zone:
          - domain: {DnsBenchmark.Zone}
            storage: "{folder}"
            file: zone
            zonefile-sync: -1
            zonefile-load: difference
            journal-content: changes
            acl: update
        """);
}
