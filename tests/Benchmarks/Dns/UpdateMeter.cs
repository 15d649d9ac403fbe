using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using P2P.YouServ.Dns;

namespace Benchmarks.Dns;

/// <summary>Counts changes a second: publishers at the same time, each of which changes an address of its own, sees that the next query shows it, and goes on.</summary>
internal sealed class UpdateMeter(int publishers, TimeSpan duration)
{
    private int _lastNumber;

    public async Task<double> RunAsync(IDnsPublisher publisher, IPEndPoint server)
    {
        var started = Stopwatch.GetTimestamp();
        var counts = await Task.WhenAll(Enumerable.Range(0, publishers).Select(number => Task.Run(() => PublishAsync(publisher, server, DnsBenchmark.NameOf(number), started))));
        return counts.Sum() / Stopwatch.GetElapsedTime(started).TotalSeconds;
    }

    private async Task<int> PublishAsync(IDnsPublisher publisher, IPEndPoint server, string name, long started)
    {
        using var client = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        await client.ConnectAsync(server);
        var query = Query(name);
        var answer = new byte[512];
        var count = 0;
        for (; Stopwatch.GetElapsedTime(started) < duration; count++)
        {
            var set = DnsBenchmark.AddressOf(name, Interlocked.Increment(ref _lastNumber));
            await publisher.PublishAsync([set]);
            await client.SendAsync(query);
            var length = await client.ReceiveAsync(answer).WaitAsync(TimeSpan.FromSeconds(10));
            if (new IPAddress(answer.AsSpan(length - 4, 4)).ToString() != set.Values[0])
            {
                throw new InvalidOperationException($"{server} does not show the change of {name} that was done.");
            }
        }

        return count;
    }

    private static byte[] Query(string name) =>
        [0, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, .. name.Split('.').SelectMany(label => (byte[])[(byte)label.Length, .. System.Text.Encoding.ASCII.GetBytes(label)]), 0, 0, 1, 0, 1];
}
