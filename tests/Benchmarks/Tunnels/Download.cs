using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;

namespace Benchmarks.Tunnels;

/// <summary>Fetches a large file again and again over a few connections, and throws it away: whatever the receiver does beside would be taken for the sender's.</summary>
internal static class Download
{
    private const int Connections = 4;
    private const int BufferBytes = 256 * 1024;

    /// <returns>Megabytes (10⁶) a second.</returns>
    public static async Task<double> RunAsync(Uri url, string host, TimeSpan duration)
    {
        var begun = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, Connections).Select(_ => Task.Run(() => FetchAsync(url, host, begun, duration))));
        return counts.Sum() / 1e6 / Stopwatch.GetElapsedTime(begun).TotalSeconds;
    }

    private static async Task<long> FetchAsync(Uri url, string host, long begun, TimeSpan duration)
    {
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, url.Port);
        Stream stream = new NetworkStream(socket);
        if (url.Scheme == "https")
        {
#pragma warning disable CA5359 // Whom the browser believes costs nothing that is measured here.
            var tls = new SslStream(stream, leaveInnerStreamOpen: false, (_, _, _, _) => true);
#pragma warning restore CA5359
            await tls.AuthenticateAsClientAsync(host);
            stream = tls;
        }

        await using var closing = stream;
        var request = Encoding.ASCII.GetBytes($"GET {url.AbsolutePath} HTTP/1.1\r\nHost: {host}\r\n\r\n");
        var buffer = new byte[BufferBytes];
        var count = 0L;
        while (true)
        {
            await stream.WriteAsync(request);
            var (rest, inBuffer) = await ReadHeadAsync(stream, buffer);
            for (count += inBuffer; rest > 0;)
            {
                var read = await stream.ReadAsync(buffer);
                (rest, count) = read == 0 ? throw new IOException("The file broke off.") : (rest - read, count + read);
                if (Stopwatch.GetElapsedTime(begun) > duration)
                {
                    return count;
                }
            }
        }
    }

    /// <returns>How many bytes of the file are yet to come, and how many came with the head.</returns>
    private static async Task<(long Missing, long InBuffer)> ReadHeadAsync(Stream stream, byte[] buffer)
    {
        for (var filled = 0; ;)
        {
            var read = await stream.ReadAsync(buffer.AsMemory(filled));
            filled += read;
            var end = buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8);
            if (end < 0 && read > 0)
            {
                continue;
            }

            var head = Encoding.ASCII.GetString(buffer, 0, Math.Max(end, 0)).Split("\r\n");
            var length = Array.Find(head, line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))?["Content-Length:".Length..];
            return head[0].Contains(" 200 ", StringComparison.Ordinal) && long.TryParse(length, NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture, out var bytes)
                ? (bytes - (filled - end - 4), filled - end - 4)
                : throw new IOException($"There is no file: {head[0]}");
        }
    }
}
