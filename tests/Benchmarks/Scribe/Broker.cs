using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Benchmarks.Scribe;

/// <summary>Is a broker of messages that is installed on this machine, started for the benchmark and stopped after it.</summary>
internal sealed class Broker : IAsyncDisposable
{
    private static readonly string Length = FanOutMeter.ContentLength.ToString(CultureInfo.InvariantCulture);

    private readonly Process _process;
    private readonly IPEndPoint _address;
    private readonly string _subscription;
    private readonly string _subscribed;

    private Broker(string name, Process process, IPEndPoint address, string subscription, string subscribed, string publicationHead, string deliveryHead)
    {
        Name = name;
        _process = process;
        _address = address;
        _subscription = subscription;
        _subscribed = subscribed;
        Publication = ([.. Encoding.ASCII.GetBytes(publicationHead), .. new byte[FanOutMeter.ContentLength], .. "\r\n"u8], publicationHead.Length);
        (DeliveryContentOffset, DeliveryLength) = (deliveryHead.Length, deliveryHead.Length + FanOutMeter.ContentLength + 2);
    }

    public string Name { get; }

    /// <summary>What publishes a message, and where in it the content begins.</summary>
    public (byte[] Frame, int ContentOffset) Publication { get; }

    public int DeliveryContentOffset { get; }

    public int DeliveryLength { get; }

    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    /// <summary>Starts NATS; null where it is not installed.</summary>
    public static Task<Broker?> TryStartNatsAsync() => TryStartAsync("nats-server", port => $"-a 127.0.0.1 -p {port}", (process, address) => new Broker(
        "NATS", process, address, "CONNECT {\"verbose\":false}\r\nSUB b 1\r\nPING\r\n", "PONG\r\n", $"PUB b {Length}\r\n", $"MSG b 1 {Length}\r\n"));

    /// <summary>Starts Redis; null where it is not installed.</summary>
    public static Task<Broker?> TryStartRedisAsync() => TryStartAsync("redis-server", port => $"--bind 127.0.0.1 --port {port} --save \"\" --appendonly no --loglevel warning", (process, address) => new Broker(
        "Redis",
        process,
        address,
        "*2\r\n$9\r\nSUBSCRIBE\r\n$1\r\nb\r\n",
        ":1\r\n",
        $"*3\r\n$7\r\nPUBLISH\r\n$1\r\nb\r\n${Length}\r\n",
        $"*3\r\n$7\r\nmessage\r\n$1\r\nb\r\n${Length}\r\n"));

    public async Task<Stream> ConnectAsync()
    {
        var client = new TcpClient { NoDelay = true };
        await client.ConnectAsync(_address);
        return client.GetStream();
    }

    /// <summary>Connects a receiver; from then on it gets deliveries and nothing else.</summary>
    public async Task<Stream> SubscribeAsync()
    {
        var stream = await ConnectAsync();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(_subscription));
        var answer = "";
        var piece = new byte[4096];
        while (!answer.EndsWith(_subscribed, StringComparison.Ordinal))
        {
            var count = await stream.ReadAsync(piece);
            answer += count > 0 ? Encoding.ASCII.GetString(piece, 0, count) : throw new InvalidOperationException($"{Name} closed the connection: {answer}");
        }

        return stream;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private static async Task<Broker?> TryStartAsync(string command, Func<int, string> arguments, Func<Process, IPEndPoint, Broker> create)
    {
        var path = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Append("/usr/sbin").Select(folder => Path.Combine(folder, command)).FirstOrDefault(File.Exists);
        if (path is null)
        {
            return null;
        }

        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        var address = (IPEndPoint)probe.LocalEndpoint;
        probe.Stop();
        var process = Process.Start(new ProcessStartInfo(path, arguments(address.Port)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Path.GetTempPath() })!;
        process.OutputDataReceived += (_, _) => { };
        process.ErrorDataReceived += (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        var broker = create(process, address);
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                await (await broker.ConnectAsync()).DisposeAsync();
                return broker;
            }
            catch (SocketException) when (attempt < 100 && !process.HasExited)
            {
                await Task.Delay(100);
            }
            catch
            {
                await broker.DisposeAsync();
                throw;
            }
        }
    }
}
