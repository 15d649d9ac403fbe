using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using System.Threading.Channels;
using P2P.Past;
using P2P.Pastry;
using P2P.Scribe;
using QuickStart.Input;
using QuickStart.Ring;

namespace QuickStart.Dashboard;

/// <summary>Is a ring with files and a group that something goes on in, and what pages are told of it.</summary>
internal sealed class LiveShow : IAsyncDisposable
{
    private const int WishesMax = 32;

    /// <summary>Of so many messages the mean of hops is taken.</summary>
    private const int HopsKept = 200;

    /// <summary>A node that has stopped is shown for so long.</summary>
    private static readonly TimeSpan ShownAfterStop = TimeSpan.FromSeconds(45);

    private static readonly TimeSpan PictureInterval = TimeSpan.FromMilliseconds(400);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Channel<Wish> _wishes = Channel.CreateBounded<Wish>(new BoundedChannelOptions(WishesMax) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly ConcurrentDictionary<int, (Member Member, Seat Seat)> _seats = [];
    private readonly ConcurrentDictionary<NodeId, int> _numbers = [];
    private readonly ConcurrentQueue<int> _hops = [];
    private readonly ConcurrentDictionary<int, Task> _sitting = [];
    private readonly List<Task> _starts = [];
    private readonly SigningKey _creator = SigningKey.Create();
    private readonly HopWatch _watch;
    private Task[] _work = [];
    private long _heardByForgotten;
    private byte[] _picture = "{}"u8.ToArray();

    private LiveShow(LocalRing ring)
    {
        Ring = ring;
        Group = GroupId.Compute(Seat.GroupName, _creator.PublicKey);
        _watch = new HopWatch(Take);
        Traffic = new Traffic(this, _watch);
    }

    /// <summary>Is raised with each message to pages, on the thread of who has it to tell.</summary>
    public event Action<byte[]>? Told;

    public LocalRing Ring { get; }

    public GroupId Group { get; }

    public Traffic Traffic { get; }

    public Timeline Timeline { get; } = new(TimeProvider.System);

    public Shelf Shelf { get; private set; } = new();

    /// <summary>The newest picture, as a page is told it.</summary>
    public byte[] Picture => Volatile.Read(ref _picture);

    public IReadOnlyDictionary<int, Seat> Seats => _seats.ToDictionary(pair => pair.Key, pair => pair.Value.Seat);

    /// <summary>The members of the group that run.</summary>
    public IReadOnlyList<(Member Member, Seat Seat)> Seated => [.. _seats.Values.Where(seated => seated.Member.IsUp)];

    /// <summary>The numbers of the nodes that are shown, by their ids.</summary>
    public IReadOnlyDictionary<NodeId, int> Numbers => _numbers;

    /// <summary>How many messages all members have heard, also those that have stopped.</summary>
    public long Heard => _heardByForgotten + _seats.Values.Sum(seated => seated.Seat.Heard);

    /// <summary>Ends when what goes on has ended, or as soon as a part of it has failed.</summary>
    public Task Completion { get; private set; } = Task.CompletedTask;

    public double MeanHops => _hops.IsEmpty ? 0 : Math.Round(_hops.Average(), 2);

    /// <summary>Starts the nodes, stores files, and lets all join the group.</summary>
    public static async Task<LiveShow> StartAsync(LocalRing ring, int nodeCount, InputFolder input, CancellationToken cancellationToken)
    {
        var show = new LiveShow(ring);
        try
        {
            for (var i = 0; i < nodeCount; i++)
            {
                await show.AddAsync(cancellationToken);
            }

            show.Shelf = await Shelf.FillAsync(ring, input, cancellationToken);
            show._work = [show.Traffic.RunAsync(show._stopping.Token), show.PaintAsync(show._stopping.Token), show.GrantAsync(show._stopping.Token)];
            show.Completion = Task.WhenAny(show._work).Unwrap();
            return show;
        }
        catch
        {
            await show.DisposeAsync();
            throw;
        }
    }

    /// <summary>Takes what somebody wants to be done; what comes while too much waits is passed over.</summary>
    public void Ask(Wish wish) => _wishes.Writer.TryWrite(wish);

    public void Tell(FoundNews news) => Tell(news, NewsFormat.Default.FoundNews);

    public void Tell(SaidNews news) => Tell(news, NewsFormat.Default.SaidNews);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();

        // Nodes that are being started are there, or given up, before the ring ends.
        await Task.WhenAll(_work).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Task.WhenAll(_starts).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await Ring.DisposeAsync();
        await Task.WhenAll(_sitting.Values).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _watch.Dispose();
        _creator.Dispose();
        _stopping.Dispose();
    }

    private void Tell<T>(T news, JsonTypeInfo<T> format) => Told?.Invoke(JsonSerializer.SerializeToUtf8Bytes(news, format));

    private async Task<Member> AddAsync(CancellationToken cancellationToken)
    {
        var member = await Ring.StartAsync(cancellationToken);
        var seat = new Seat(member, _creator);
        _numbers[member.Node.Handle.Id] = member.Number;
        _seats[member.Number] = (member, seat);
        await member.Node.WhenReadyAsync(cancellationToken);
        _sitting[member.Number] = Task.WhenAll(seat.SitAsync(_stopping.Token), WatchNeighboursAsync(member, _stopping.Token), DrainAsync(member, _stopping.Token));
        return member;
    }

    private async Task AddOneAsync(CancellationToken cancellationToken)
    {
        try
        {
            var member = await AddAsync(cancellationToken);
            Timeline.Start(member.Number, ShortOf(member));
        }
        catch (Exception exception) when (exception is PastException or PastryException or IOException or UnauthorizedAccessException)
        {
            Timeline.Fail($"A node did not start: {exception.Message}");
        }
    }

    /// <summary>Forgets nodes that have stopped long ago, so that those who stop and start nodes all day fill nothing.</summary>
    private void ForgetStopped()
    {
        foreach (var (number, (member, seat)) in _seats)
        {
            if (member.StoppedFor > ShownAfterStop && _seats.TryRemove(number, out _))
            {
                _heardByForgotten += seat.Heard;
                _numbers.TryRemove(member.Node.Handle.Id, out _);
                _sitting.TryRemove(number, out _);
            }
        }
    }

    private async Task GrantAsync(CancellationToken cancellationToken)
    {
        await foreach (var wish in _wishes.Reader.ReadAllAsync(cancellationToken))
        {
            var live = Ring.Live;
            switch (wish)
            {
                // The last one stays: nobody could start another beside it.
                case Wish.Stop { Node: var number } when live.Count > 1 && live.FirstOrDefault(member => member.Number == number) is { } victim:
                    Timeline.Stop(number, ShortOf(victim), victim.Node.IsReady);
                    await victim.KillAsync();
                    break;
                case Wish.Start when Ring.Count < RingDefaults.NodesMax:
                    _starts.RemoveAll(start => start.IsCompleted);
                    _starts.Add(AddOneAsync(cancellationToken));
                    break;
                case Wish.Look { File: var file }:
                    _ = Traffic.LookAsync(file, cancellationToken);
                    break;
                case Wish.Say:
                    _ = Traffic.SayAsync(cancellationToken);
                    break;
                default:
                    break;
            }
        }
    }

    private async Task PaintAsync(CancellationToken cancellationToken)
    {
        var painter = new Painter(this);
        using var timer = new PeriodicTimer(PictureInterval);
        do
        {
            ForgetStopped();
            var picture = JsonSerializer.SerializeToUtf8Bytes(await painter.PaintAsync(cancellationToken), NewsFormat.Default.PictureNews);
            Volatile.Write(ref _picture, picture);
            Told?.Invoke(picture);
        }
        while (await timer.WaitForNextTickAsync(cancellationToken));
    }

    /// <summary>Sees when a node's neighbours find out that another one is gone.</summary>
    private async Task WatchNeighboursAsync(Member member, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var changed in member.Node.NeighborChangesAsync(cancellationToken))
            {
                if (changed.Change == NeighborChange.Failed && _numbers.TryGetValue(changed.Node.Id, out var number))
                {
                    Timeline.Notice(number, ShortOf(changed.Node.Id));
                }
            }
        }
        catch (Exception exception) when (exception is PastryException or OperationCanceledException)
        {
            // The node has stopped.
        }
    }

    /// <summary>Takes what was routed to random keys, and does nothing with it.</summary>
    private static async Task DrainAsync(Member member, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var _ in member.Probe.DeliveriesAsync(cancellationToken))
            {
            }
        }
        catch (Exception exception) when (exception is PastryException or OperationCanceledException)
        {
            // The node has stopped.
        }
    }

    private void Take(Hop hop)
    {
        if (!NodeId.TryParse(hop.Node, null, out var node) || !_numbers.TryGetValue(node, out var from))
        {
            return;
        }

        int? to = NodeId.TryParse(hop.Next, null, out var next) && _numbers.TryGetValue(next, out var number) ? number : null;
        if (hop.Next is null)
        {
            _hops.Enqueue(hop.Number);
            if (_hops.Count > HopsKept)
            {
                _hops.TryDequeue(out _);
            }
        }

        Tell(new HopNews("hop", hop.Trace, from, to, hop.Number, hop.IsTaken), NewsFormat.Default.HopNews);
    }

    private static string ShortOf(Member member) => ShortOf(member.Node.Handle.Id);

    private static string ShortOf(NodeId id) => id.ToString()[..6];
}
