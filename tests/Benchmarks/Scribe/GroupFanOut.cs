using P2P.Pastry;
using P2P.Pastry.Transport;
using P2P.Scribe;

namespace Benchmarks.Scribe;

/// <summary>
/// Is a group on a ring of nodes in this process, each with its own listener: the node that publishes is the group's rendezvous point, and all others are its
/// children and members. Each of them verifies each batch's signature.
/// </summary>
internal sealed class GroupFanOut : IFanOut
{
    private readonly List<(PastryNode Node, ScribeNode Scribe)> _nodes = [];
    private readonly List<IGroup> _memberships = [];
    private readonly FanOutMeter _meter;
    private readonly DeliveryClass _class;
    private readonly int _together;
    private IGroup _publisher = null!;
    private long _batches;
    private long _messages;
    private long _lost;

    private GroupFanOut(int receivers, DeliveryClass deliveryClass, int together)
    {
        _meter = new FanOutMeter(receivers);
        _class = deliveryClass;
        _together = together;
    }

    /// <summary>How many messages a reader was told that it has missed.</summary>
    public long Lost => Volatile.Read(ref _lost);

    /// <summary>Starts a ring and a group in it.</summary>
    /// <param name="receivers">How many members there are beside the publisher.</param>
    /// <param name="deliveryClass">What messages are worth.</param>
    /// <param name="together">How many calls publish at the same time in a flood: what they say while a batch is being signed makes the next one.</param>
    /// <param name="transport">Makes a node's transport.</param>
    public static async Task<GroupFanOut> StartAsync(int receivers, DeliveryClass deliveryClass, int together, Func<ITransport> transport)
    {
        var fanOut = new GroupFanOut(receivers, deliveryClass, together);
        for (var index = 0; index <= receivers; index++)
        {
            var scribe = new ScribeNode();
            var options = new PastryNodeOptions { Modules = { scribe }, Transport = transport };
            if (index > 0)
            {
                options.Bootstraps.Add(fanOut._nodes[0].Node.Handle.Address);
            }

            var node = await PastryNode.StartAsync(options);
            fanOut._nodes.Add((node, scribe));
            await node.WhenReadyAsync();
        }

        await fanOut.JoinAllAsync();
        return fanOut;
    }

    public async Task<Flood> FloodAsync(TimeSpan duration)
    {
        var isOver = false;
        var content = new byte[FanOutMeter.ContentLength];
        var publishing = Enumerable.Range(0, _together).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref isOver))
            {
                await _publisher.PublishAsync(content, _class);
            }
        })).ToArray();
        await Task.Delay(duration / 4);
        var (batches, messages) = (_batches, _messages);
        var flood = await _meter.MeasureFloodAsync(duration, () => (double)(_messages - messages) / Math.Max(1, _batches - batches));
        Volatile.Write(ref isOver, true);
        await Task.WhenAll(publishing);

        // What is still under way belongs to no other measurement.
        while (_meter.Slowest is var before && await HasMovedAsync(before))
        {
        }

        return flood;
    }

    public Task<Pace> PaceAsync(int perSecond, TimeSpan duration) =>
        _meter.MeasurePaceAsync(perSecond, duration, content => _publisher.PublishAsync(content, _class).AsTask());

    public async ValueTask DisposeAsync()
    {
        foreach (var (node, _) in _nodes)
        {
            await node.KillAsync();
        }
    }

    private async Task<bool> HasMovedAsync(long before)
    {
        await Task.Delay(200);
        return _meter.Slowest != before;
    }

    private async Task JoinAllAsync()
    {
        using var creator = SigningKey.Create();
        var policy = new GroupPolicy { MessagesPerSecondMax = int.MaxValue };
        var publisher = _nodes[0];
        var name = Enumerable.Range(0, int.MaxValue).Select(i => $"fan-out {i}")
            .First(name => _nodes.MinBy(place => place.Node.Handle.Id.DistanceTo(GroupId.Compute(name, creator.PublicKey).Key)) == publisher);
        var group = (await publisher.Scribe.CreateAsync(name, creator, policy) as CreateResult.Created)!.Certificate.Id;
        foreach (var (_, scribe) in _nodes)
        {
            var joined = await scribe.JoinAsync(group, new JoinOptions { EventsMax = 1 << 16 }) as JoinResult.Joined ?? throw new InvalidOperationException("A node could not join.");
            _memberships.Add(joined.Group);
        }

        _publisher = _memberships[0];
        _ = Task.Run(CountBatchesAsync);
        for (var i = 1; i < _memberships.Count; i++)
        {
            var (receiver, membership) = (i - 1, _memberships[i]);
            _ = Task.Run(() => ReceiveAsync(receiver, membership));
        }
    }

    /// <summary>The publisher reads as well, and sees by their places which messages came together.</summary>
    private async Task CountBatchesAsync()
    {
        GroupPosition? last = null;
        await foreach (var happened in _publisher.EventsAsync())
        {
            if (happened is GroupEvent.Received { Message: var message })
            {
                _messages++;
                _batches += message.Position is null || message.Position != last ? 1 : 0;
                last = message.Position;
            }
        }
    }

    private async Task ReceiveAsync(int receiver, IGroup membership)
    {
        await foreach (var happened in membership.EventsAsync())
        {
            if (happened is GroupEvent.Received { Message: var message })
            {
                _meter.Take(receiver, message.Content.Span);
            }
            else
            {
                Interlocked.Increment(ref _lost);
            }
        }
    }
}
