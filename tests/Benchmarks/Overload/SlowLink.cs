using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using P2P.Pastry;

namespace Benchmarks.Overload;

/// <summary>
/// Is a link between two hosts of so many bits a second in each direction, which all of their connections share: a relay in front of each,
/// and one bucket of tokens for each direction.
/// </summary>
internal sealed class SlowLink(double bitsPerSecond) : IDisposable
{
    private const int Chunk = 4096;

    private readonly Bucket[] _directions = [new(bitsPerSecond / 8), new(bitsPerSecond / 8)];
    private readonly List<IDisposable> _open = [];

    /// <summary>Listens in front of one of the two hosts, whose own address is told later.</summary>
    /// <param name="end">Which of them, 0 or 1.</param>
    /// <param name="target">Gives the host's own address.</param>
    /// <returns>Where the host is reached over the link.</returns>
    public NodeAddress Listen(int end, Func<IPEndPoint> target)
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _open.Add(listener);
        _ = AcceptAsync(listener, end, target);
        return new NodeAddress("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port);
    }

    public void Dispose()
    {
        lock (_open)
        {
            _open.ForEach(open => open.Dispose());
        }
    }

    private async Task AcceptAsync(TcpListener listener, int end, Func<IPEndPoint> target)
    {
        try
        {
            while (true)
            {
                var accepted = await listener.AcceptTcpClientAsync();
                var dialled = new TcpClient { NoDelay = true };
                accepted.NoDelay = true;
                // Little waits in front of a link; what more there were would delay those who share it.
                accepted.ReceiveBufferSize = 64 * 1024;
                await dialled.ConnectAsync(target());
                lock (_open)
                {
                    _open.AddRange([accepted, dialled]);
                }

                _ = CarryAsync(accepted.Client, dialled.Client, _directions[end]);
                _ = CarryAsync(dialled.Client, accepted.Client, _directions[1 - end]);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The link is being cut.
        }
    }

    private static async Task CarryAsync(Socket from, Socket to, Bucket bucket)
    {
        var buffer = new byte[Chunk];
        try
        {
            while (await from.ReceiveAsync(buffer) is > 0 and var count)
            {
                await bucket.TakeAsync(count);
                await to.SendAsync(buffer.AsMemory(0, count));
            }

            to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            to.Dispose();
        }
    }

    /// <summary>Lets bytes pass in the order in which they ask, so many a second.</summary>
    private sealed class Bucket(double bytesPerSecond)
    {
        private readonly Lock _gate = new();
        private double _free = Stopwatch.GetTimestamp();

        public async Task TakeAsync(int bytes)
        {
            TimeSpan wait;
            lock (_gate)
            {
                var now = Stopwatch.GetTimestamp();
                _free = Math.Max(_free, now) + bytes / bytesPerSecond * Stopwatch.Frequency;
                wait = TimeSpan.FromSeconds((_free - now) / Stopwatch.Frequency);
            }

            // Timers are no finer than a millisecond; what is less is made up for by the next ones.
            if (wait > TimeSpan.FromMilliseconds(2))
            {
                await Task.Delay(wait);
            }
        }
    }
}
