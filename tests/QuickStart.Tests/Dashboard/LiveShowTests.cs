using QuickStart.Dashboard;
using QuickStart.Input;
using QuickStart.Ring;
using YouServ.Tests;

namespace QuickStart.Tests.Dashboard;

/// <summary>What goes on in the ring ends with it, and does not end in silence.</summary>
public sealed class LiveShowTests : IDisposable
{
    private const long Capacity = 64 << 20;

    private readonly CancellationTokenSource _patience = new(TimeSpan.FromMinutes(2));
    private readonly TemporaryFolder _work = new();
    private readonly NastyFolder _input = new();

    public void Dispose()
    {
        _patience.Dispose();
        _input.Dispose();
        _work.Dispose();
    }

    [Fact]
    public async Task Nodes_that_are_being_started_when_it_ends_are_not_left_behind()
    {
        var ring = new LocalRing(_work.Path, Capacity);
        var show = await StartAsync(ring);
        for (var i = 0; i < 4; i++)
        {
            show.Ask(new Wish.Start());
        }

        while (ring.Count == 3)
        {
            await Task.Yield();
            _patience.Token.ThrowIfCancellationRequested();
        }

        await show.DisposeAsync();
        Assert.Equal(0, ring.Count);
        Directory.Delete(_work.Path, recursive: true);
        Directory.CreateDirectory(_work.Path);
    }

    [Fact]
    public async Task A_ring_that_has_ended_takes_no_more_nodes()
    {
        var ring = new LocalRing(_work.Path, Capacity);
        await ring.AddAsync(_patience.Token);
        var late = ring.StartAsync(_patience.Token);
        Assert.Equal(2, ring.Count);
        await ring.DisposeAsync();
        try
        {
            Assert.False((await late).IsUp);
        }
        catch (OperationCanceledException)
        {
            // It came when the ring had ended.
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => ring.StartAsync(_patience.Token));
        Assert.Equal(0, ring.Count);
    }

    [Fact]
    public async Task What_fails_while_it_goes_on_is_told()
    {
        await using var show = await StartAsync(new LocalRing(_work.Path, Capacity));
        show.Told += news => _ = news.AsSpan().IndexOf("picture"u8) < 0 ? 0 : throw new IOException("Nobody draws that.");
        var failure = await Assert.ThrowsAsync<IOException>(() => show.Completion.WaitAsync(_patience.Token));
        Assert.Equal("Nobody draws that.", failure.Message);
    }

    private Task<LiveShow> StartAsync(LocalRing ring) => LiveShow.StartAsync(ring, nodeCount: 3, InputFolder.Read(_input.Path), _patience.Token);
}
