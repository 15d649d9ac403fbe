using System.Collections.Concurrent;
using System.IO.Pipelines;
using System.Net;
using System.Text;
using Microsoft.Extensions.Time.Testing;
using P2P.YouServ.Hosting;
using P2P.YouServ.Wire;
using YouServ.Tests.Sites;

namespace YouServ.Tests.Tunnels;

public sealed class TunnelTests : IAsyncLifetime
{
    private static readonly IPEndPoint Visitor = new(IPAddress.Parse("192.0.2.1"), 4321);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly FakeTimeProvider _time = new();
    private readonly ConcurrentBag<Task> _served = [];
    private readonly Pipe _there = new();
    private readonly Pipe _back = new();
    private Tunnel _proxy = null!;
    private Tunnel _peer = null!;
    private Func<TunnelLane, Task> _serve = EchoAsync;
    private Task _running = Task.CompletedTask;

    public Task InitializeAsync()
    {
        _proxy = new Tunnel(new Duplex(_back.Reader, _there.Writer), isProxy: true, _ => Assert.Fail("Only the proxy opens lanes."), _time);
        _peer = new Tunnel(new Duplex(_there.Reader, _back.Writer), isProxy: false, lane => _served.Add(Task.Run(() => _serve(lane))), _time);
        _running = Task.WhenAll(_proxy.RunAsync(), _peer.RunAsync());
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _proxy.DisposeAsync();
        await _running;
        await _peer.DisposeAsync();
        await Task.WhenAll(_served);
    }

    [Fact]
    public async Task Many_connections_go_through_one_at_the_same_time_and_whole()
    {
        var lanes = Enumerable.Range(0, 50).Select(async number =>
        {
            var content = new byte[200_000 + (number * 1000)];
            new Random(number).NextBytes(content);
            await using var lane = _proxy.Open(Visitor)!;
            var sending = SendAsync(lane, content);
            Assert.Equal(content, await ReadAllAsync(lane.Input));
            await sending;
        });
        await Task.WhenAll(lanes);
    }

    [Fact]
    public async Task Visitors_who_come_at_once_are_told_in_order()
    {
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 100; i++)
            {
                await using var lane = _proxy.Open(Visitor)!;
                await SendAsync(lane, "hello"u8.ToArray());
                Assert.Equal("hello", Encoding.ASCII.GetString(await ReadAllAsync(lane.Input)));
            }
        })));
    }

    [Fact]
    public async Task A_visitor_who_goes_while_bytes_are_under_way_takes_nobody_along()
    {
        using var bound = new CancellationTokenSource(Patience);
        await using var other = _proxy.Open(Visitor)!;
        for (var i = 0; i < 100; i++)
        {
            await using var lane = _proxy.Open(Visitor)!;
            await lane.Output.WriteAsync(new byte[100_000], bound.Token);
            var read = await lane.Input.ReadAsync(bound.Token);
            lane.Input.AdvanceTo(read.Buffer.End);
            if (i % 2 == 0)
            {
                lane.Abandon();
            }
            else
            {
                await lane.Output.CompleteAsync(new IOException("Connection reset by peer."));
            }
        }

        var sending = SendAsync(other, "still here"u8.ToArray());
        Assert.Equal("still here", Encoding.ASCII.GetString(await ReadAllAsync(other.Input)));
        await sending;
    }

    [Fact]
    public async Task The_visitor_is_told_to_the_peer()
    {
        var seen = new TaskCompletionSource<IPEndPoint>();
        _serve = async lane =>
        {
            seen.SetResult(lane.Visitor);
            await lane.DisposeAsync();
        };
        await using var lane = _proxy.Open(Visitor)!;
        Assert.Equal(Visitor, await seen.Task);
    }

    [Fact]
    public async Task One_that_is_not_read_holds_up_no_other()
    {
        var isStuck = true;
        _serve = lane => Volatile.Read(ref isStuck) ? StickAsync(lane) : EchoAsync(lane);
        await using var stuck = _proxy.Open(Visitor)!;
        var sending = SendAsync(stuck, new byte[5 * Tunnel.Window]);
        while (_served.IsEmpty)
        {
            await Task.Yield();
        }

        Volatile.Write(ref isStuck, false);
        await using (var lane = _proxy.Open(Visitor)!)
        {
            var content = new byte[3 * Tunnel.Window];
            var other = SendAsync(lane, content);
            Assert.Equal(content, await ReadAllAsync(lane.Input));
            await other;
        }

        Assert.False(sending.IsCompleted);
        await _proxy.DisposeAsync();
        await sending;
    }

    [Fact]
    public async Task A_lane_that_one_end_gives_up_ends_at_the_other()
    {
        _serve = async lane => await lane.DisposeAsync();
        await using var lane = _proxy.Open(Visitor)!;
        await Assert.ThrowsAsync<IOException>(async () =>
        {
            while (true)
            {
                var read = await lane.Input.ReadAsync();
                lane.Input.AdvanceTo(read.Buffer.End);
                if (read.IsCompleted)
                {
                    throw new IOException("It ended.");
                }
            }
        });
    }

    [Fact]
    public async Task A_visitor_to_whom_nobody_listens_is_told_so()
    {
        var door = new FrontDoor(new RecordingNetwork(), _time);
        _serve = lane =>
        {
            door.Enter(lane);
            return Task.CompletedTask;
        };
        await using var lane = _proxy.Open(Visitor)!;
        await Assert.ThrowsAsync<IOException>(() => ReadAllAsync(lane.Input));
    }

    [Fact]
    public async Task Silence_ends_a_tunnel_and_all_that_goes_through_it()
    {
        // The peer stops hearing: what the proxy sends goes nowhere, and nothing comes.
        await using var deaf = new Tunnel(new Duplex(new Pipe().Reader, new Pipe(new PipeOptions(pauseWriterThreshold: 0)).Writer), isProxy: true, _ => { }, _time);
        var running = deaf.RunAsync();
        var lane = deaf.Open(Visitor)!;
        var reading = lane.Input.ReadAsync().AsTask();
        for (var i = 0; i < 5 && !running.IsCompleted; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            await Task.Yield();
        }

        await running;
        await Assert.ThrowsAsync<IOException>(() => reading);
        Assert.Null(deaf.Open(Visitor));
        await lane.DisposeAsync();
    }

    [Fact]
    public async Task Whoever_leaves_gets_no_new_connections_and_keeps_those_that_are_open()
    {
        await using var lane = _proxy.Open(Visitor)!;
        _peer.Leave();
        while (_proxy.Open(Visitor) is { } one)
        {
            await one.DisposeAsync();
        }

        var sending = SendAsync(lane, "still here"u8.ToArray());
        Assert.Equal("still here", Encoding.ASCII.GetString(await ReadAllAsync(lane.Input)));
        await sending;
    }

    [Fact]
    public async Task A_proxy_that_leaves_takes_visitors_until_the_peer_has_left_and_ends_with_the_last()
    {
        await using (var lane = _proxy.Open(Visitor)!)
        {
            _proxy.Leave();
            await _peer.Left.WaitAsync(Patience);
            await using (var late = _proxy.Open(Visitor))
            {
                Assert.NotNull(late);
            }

            _peer.Leave();
            await _proxy.Left.WaitAsync(Patience);
            Assert.Null(_proxy.Open(Visitor));
            var sending = SendAsync(lane, "still here"u8.ToArray());
            Assert.Equal("still here", Encoding.ASCII.GetString(await ReadAllAsync(lane.Input)));
            await sending;
            Assert.False(_proxy.Ended.IsCompleted);
        }

        await _proxy.Ended.WaitAsync(Patience);
    }

    [Fact]
    public async Task A_site_that_floods_is_held_to_its_rate_and_holds_up_no_other()
    {
        var (there, back) = (new Pipe(), new Pipe());
        await using var flooded = new Tunnel(new Duplex(back.Reader, there.Writer), isProxy: true, _ => { }, _time, new() { BytesPerSecondMax = 1 << 20, ConnectionsPerSiteMax = 1 });
        await using var flooding = new Tunnel(new Duplex(there.Reader, back.Writer), isProxy: false, lane => _served.Add(SendAsync(lane, new byte[20 << 20])), _time);
        var running = Task.WhenAll(flooded.RunAsync(), flooding.RunAsync());
        await using var lane = flooded.Open(Visitor)!;
        Assert.Null(flooded.Open(Visitor));
        long received = 0;
        var reading = Task.Run(async () =>
        {
            while (true)
            {
                var read = await lane.Input.ReadAsync();
                Interlocked.Add(ref received, read.Buffer.Length);
                lane.Input.AdvanceTo(read.Buffer.End);
            }
        });

        // While no time goes by, what one second allows comes through, and what was on its way then.
        var content = new byte[3 * Tunnel.Window];
        await using (var other = _proxy.Open(Visitor)!)
        {
            var sending = SendAsync(other, content);
            Assert.Equal(content, await ReadAllAsync(other.Input));
            await sending;
        }

        Assert.InRange(Interlocked.Read(ref received), 0, (1 << 20) + Tunnel.Window);
        var before = Interlocked.Read(ref received);
        using var bound = new CancellationTokenSource(Patience);
        while (Interlocked.Read(ref received) < before + (4 << 20))
        {
            // Time must not run ahead of what it lets through: a tunnel that seems silent for long is given up.
            var last = Interlocked.Read(ref received);
            _time.Advance(TimeSpan.FromMilliseconds(100));
            for (var i = 0; i < 10_000 && Interlocked.Read(ref received) == last; i++)
            {
                bound.Token.ThrowIfCancellationRequested();
                await Task.Yield();
            }
        }

        flooded.Close();
        flooding.Close();
        await running.WaitAsync(Patience);
        await Assert.ThrowsAnyAsync<Exception>(() => reading);
    }

    [Fact]
    public async Task Noise_ends_a_tunnel_and_harms_nobody()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var random = new Random(seed);
            var (noise, sink) = (new Pipe(), new Pipe(new PipeOptions(pauseWriterThreshold: 0)));
            await using var tunnel = new Tunnel(new Duplex(noise.Reader, sink.Writer), isProxy: seed % 2 == 0, lane => _served.Add(EchoAsync(lane)), _time);
            var running = tunnel.RunAsync();
            for (var i = random.Next(20); i > 0; i--)
            {
                var frame = new TunnelFrame((TunnelFrameKind)random.Next(1, 9), (uint)random.Next(4), (uint)random.Next(40));
                var bytes = new byte[TunnelFrame.HeadBytes + random.Next(60)];
                random.NextBytes(bytes);
                frame.Write(bytes);
                await noise.Writer.WriteAsync(bytes);
            }

            await noise.Writer.CompleteAsync();
            await running;
        }
    }

    private static async Task SendAsync(TunnelLane lane, byte[] content)
    {
        try
        {
            foreach (var part in content.Chunk(10_000))
            {
                if ((await lane.Output.WriteAsync(part)).IsCompleted)
                {
                    return;
                }
            }

            await lane.Output.CompleteAsync();
        }
        catch (IOException)
        {
        }
    }

    private static async Task<byte[]> ReadAllAsync(PipeReader reader)
    {
        using var content = new MemoryStream();
        using var bound = new CancellationTokenSource(Patience);
        while (true)
        {
            var read = await reader.ReadAsync(bound.Token);
            foreach (var segment in read.Buffer)
            {
                content.Write(segment.Span);
            }

            reader.AdvanceTo(read.Buffer.End);
            if (read.IsCompleted)
            {
                return content.ToArray();
            }
        }
    }

    private static async Task EchoAsync(TunnelLane lane)
    {
        await using (lane)
        {
            try
            {
                while (true)
                {
                    var read = await lane.Input.ReadAsync();
                    foreach (var segment in read.Buffer)
                    {
                        await lane.Output.WriteAsync(segment);
                    }

                    lane.Input.AdvanceTo(read.Buffer.End);
                    if (read.IsCompleted)
                    {
                        break;
                    }
                }
            }
            catch (IOException)
            {
            }
        }
    }

    private static async Task StickAsync(TunnelLane lane)
    {
        await using (lane)
        {
            await Task.Delay(Timeout.Infinite, lane.Gone).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
