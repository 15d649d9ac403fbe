using P2P.Scribe;

namespace Scribe.Tests.Simulation;

/// <summary>One that takes less than there is stalls nobody, costs its neighbours no more than others, and learns what it has missed.</summary>
public sealed class FlowTests
{
    private const int Window = 64 * 1024;

    private readonly SlowHosts _hosts = new();

    [Theory]
    [InlineData(71)]
    [InlineData(72)]
    public void A_slow_member_stalls_nobody_and_learns_how_many_best_effort_messages_it_has_missed(ulong seed)
    {
        var (world, group) = Start(seed);
        var slow = MakeOneSlow(world, group);
        PublishMany(world, group, 300, DeliveryClass.BestEffort, i => (Text(i, 2000), 0));
        world.Run(1);
        Assert.All(world.Members.Where(member => member != slow), member => Assert.Equal(300, member.Loose.Count));
        Assert.True(slow.Loose.Count < 300, $"{world.Seed}: it was not slow");
        AssertBounded(world);
        world.Run(60);
        Assert.All(world.Members.Where(member => member != slow), member => Assert.Empty(member.Others));
        Assert.Equal(slow.Loose.Select(Number).Order().Distinct(), slow.Loose.Select(Number));
        Assert.Equal(300, slow.Loose.Count + slow.Others.Sum(happened => Assert.IsType<GroupEvent.Dropped>(happened).Count));
        Assert.Contains(299, slow.Loose.Select(Number));
    }

    [Theory]
    [InlineData(73)]
    [InlineData(74)]
    public void A_slow_member_gets_the_latest_value_of_each_key(ulong seed)
    {
        var (world, group) = Start(seed);
        var slow = MakeOneSlow(world, group);
        PublishMany(world, group, 300, DeliveryClass.Sequenced, i => (Text(i, 3000), (ulong)(i % 10)));
        world.Run(1);
        Assert.All(world.Members.Where(member => member != slow), member => Assert.Equal(300, member.Loose.Count));
        AssertBounded(world);
        world.Run(30);
        Assert.True(slow.Loose.Count < 200, $"{world.Seed}: {slow.Loose.Count} values were not worth sending");
        Assert.Empty(slow.Others);
        var latest = slow.Loose.Select(Number).GroupBy(number => number % 10).Select(values => values.Last()).Order();
        Assert.Equal(Enumerable.Range(290, 10), latest);
    }

    [Theory]
    [InlineData(75, 256)]
    [InlineData(76, 16)]
    public void A_slow_member_gets_ordered_messages_in_order_as_far_as_they_are_kept_and_is_told_of_the_others(ulong seed, int kept)
    {
        var (world, group) = Start(seed, kept);
        var slow = MakeOneSlow(world, group);
        PublishMany(world, group, 200, DeliveryClass.Ordered, i => (Text(i, 3000), 0));
        world.Run(1);
        Assert.All(world.Members.Where(member => member != slow), member => Assert.Equal(200, member.Ordered.Count));
        AssertBounded(world);
        world.Run(90);
        Assert.Equal(slow.Ordered.Select(Number).Order().Distinct(), slow.Ordered.Select(Number));
        var lost = slow.Others.Sum(happened => happened is GroupEvent.Gap gap ? (int)(gap.Last - gap.First + 1) : throw new InvalidOperationException($"{world.Seed}: {happened}"));
        Assert.Equal(200, slow.Ordered.Count + lost);
        Assert.Equal(kept < 200, lost > 0);
        Assert.Equal(199, Number(slow.Ordered[^1]));
    }

    [Theory]
    [InlineData(77)]
    [InlineData(78)]
    public void An_author_waits_for_a_group_that_takes_less_until_it_is_cancelled(ulong seed)
    {
        var (world, group) = Start(seed);
        var author = world.Join(group, options: new JoinOptions { PublicationsMax = 8 });
        _hosts.Slow.UnionWith(world.Overlay.Nodes.Where(node => node != author.Node).Select(node => node.Host));
        using var cancelling = new CancellationTokenSource();
        var publishing = new List<Task<PublishResult>>();
        world.Scribe.Run(
            () =>
            {
                publishing.AddRange(Enumerable.Range(0, 100).Select(i =>
                    author.Group.PublishAsync(Content(Text(i, 8000)), DeliveryClass.BestEffort, cancellationToken: i >= 90 ? cancelling.Token : default).AsTask()));
                return Task.CompletedTask;
            },
            ScribeWorld.Limit);
        Assert.True(world.Overlay.RunUntil(() => publishing.Exists(task => task.IsCompleted), ScribeWorld.Limit), world.Seed);
        world.Run(0.2);
        var first = publishing.Count(task => task.IsCompleted);
        Assert.InRange(first, 1, 40);
        world.Scribe.Run(
            () =>
            {
                cancelling.Cancel();
                return Task.CompletedTask;
            },
            ScribeWorld.Limit);
        world.Run(0.1);
        Assert.All(publishing[90..], task => Assert.True(task.IsCanceled, $"{world.Seed}: {task.Status}"));
        Assert.InRange(publishing[..90].Count(task => task.IsCompleted), first, 60);
        world.Run(60);
        Assert.All(publishing[..90], task => Assert.IsType<PublishResult.Sent>(task.Result));
        Assert.DoesNotContain(world.Members.SelectMany(member => member.Loose), text => Number(text) >= 90);
    }

    [Theory]
    [InlineData(79)]
    [InlineData(80)]
    public void Where_messages_crawl_an_author_waits_for_most_of_its_neighbours_only(ulong seed)
    {
        var (world, group) = Start(seed, dissemination: Dissemination.Crawling);
        var slow = MakeOneSlow(world, group);
        PublishMany(world, group, 200, DeliveryClass.BestEffort, i => (Text(i, 3000), 0));
        PublishMany(world, group, 100, DeliveryClass.Ordered, i => (Text(i, 3000), 0));
        world.Run(1);
        Assert.All(world.Members.Where(member => member != slow), member => Assert.Equal((200, 100), (member.Loose.Count, member.Ordered.Count)));
        AssertBounded(world);
        world.Run(60);
        Assert.Equal(200, slow.Loose.Count + slow.Others.Sum(happened => Assert.IsType<GroupEvent.Dropped>(happened).Count));
        Assert.Equal(Enumerable.Range(0, 100), slow.Ordered.Select(Number));
    }

    private (ScribeWorld World, GroupId Group) Start(ulong seed, int kept = 256, Dissemination dissemination = Dissemination.ThroughRoot)
    {
        var world = new ScribeWorld(20, seed, options => options with
        {
            Overlay = options.Overlay with { Topology = _hosts },
            Scribe = options.Scribe with { WindowBytes = Window, BacklogBytesMax = Window },
        });
        var group = world.Create("flow", new GroupPolicy { HistoryCount = kept, MessagesPerSecondMax = 1000, Dissemination = dissemination }).Id;
        world.JoinMany(group, 12);
        world.Run(3);
        return (world, group);
    }

    /// <summary>Moves a member that nobody hangs below far away.</summary>
    private Member MakeOneSlow(ScribeWorld world, GroupId group)
    {
        var slow = world.Members.First(member => member.Node != world.RootOf(group) && ScribeWorld.MachineOf(member.Node).Groups.Single(state => state.Id == group).Children.Count == 0);
        _hosts.Slow.Add(slow.Node.Host);
        return slow;
    }

    private void PublishMany(ScribeWorld world, GroupId group, int count, DeliveryClass deliveryClass, Func<int, (string Text, ulong Key)> message)
    {
        var author = world.Members.First(member => !_hosts.Slow.Contains(member.Node.Host) && member.Node != world.RootOf(group));
        var publishing = new List<Task>();
        for (var i = 0; i < count; i++)
        {
            var (text, key) = message(i);
            world.Scribe.Run(
                () =>
                {
                    publishing.Add(author.Group.PublishAsync(Content(text), deliveryClass, key).AsTask());
                    return Task.CompletedTask;
                },
                ScribeWorld.Limit);
            world.Run(0.02);
        }

        world.Run(0.5);
        Assert.All(publishing, task => Assert.True(task.IsCompletedSuccessfully, $"{world.Seed}: an author waits for one that is slow"));
    }

    /// <summary>No node keeps more for those that are behind than it may.</summary>
    private static void AssertBounded(ScribeWorld world) => Assert.All(
        world.Overlay.Nodes.SelectMany(node => ScribeWorld.MachineOf(node).Groups),
        group => Assert.True(group.Backlog is not { Bytes: > Window + 64 * 1024 } && group.Own.Count <= 64, $"{world.Seed}: {group.Backlog?.Bytes} bytes wait"));

    private static string Text(int number, int length) => $"{number}".PadRight(length);

    private static int Number(string text) => int.Parse(text.AsSpan().TrimEnd(), System.Globalization.CultureInfo.InvariantCulture);

    private static byte[] Content(string text) => System.Text.Encoding.UTF8.GetBytes(text);
}
