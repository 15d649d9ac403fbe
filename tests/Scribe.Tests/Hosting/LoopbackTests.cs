using System.Text;
using P2P.Pastry;
using P2P.Pastry.Transport;
using P2P.Scribe;

namespace Scribe.Tests.Hosting;

/// <summary>Groups over TCP and TLS.</summary>
public sealed class LoopbackTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly List<(PastryNode Node, ScribeNode Scribe)> _ring = [];

    private static CancellationToken Limit => new CancellationTokenSource(Patience).Token;

    public async Task InitializeAsync()
    {
        for (var i = 0; i < 6; i++)
        {
            var scribe = new ScribeNode();
            var options = new PastryNodeOptions
            {
                Identity = new NodeIdentity(SigningKey.Create(), 1),
                Modules = { scribe },
                Transport = () => new TcpTransport(new TcpTransportOptions { Listen = [new NodeAddress("127.0.0.1", 0)] }),
            };
            foreach (var (node, _) in _ring.Take(2))
            {
                options.Bootstraps.Add(node.Handle.Address);
            }

            var started = await PastryNode.StartAsync(options);
            _ring.Add((started, scribe));
            await started.WhenReadyAsync(Limit);
        }
    }

    public async Task DisposeAsync()
    {
        foreach (var (node, _) in _ring)
        {
            await node.DisposeAsync();
        }
    }

    [Fact]
    public async Task All_members_see_the_messages_of_all_in_one_order()
    {
        var group = await CreateAsync("chat");
        var members = await Task.WhenAll(_ring.Select(place => JoinAsync(place.Scribe, group)));
        var readers = members.Select(member => ReadAsync(member, 300)).ToArray();
        var results = await Task.WhenAll(members.SelectMany((member, m) => Enumerable.Range(0, 50).Select(i => member.PublishAsync(Encoding.UTF8.GetBytes($"{m}/{i}")).AsTask())));
        Assert.All(results, result => Assert.IsType<PublishResult.Published>(result));
        var seen = await Task.WhenAll(readers);
        Assert.Equal(300, seen[0].Distinct().Count());
        Assert.All(seen, texts => Assert.Equal(seen[0], texts));
    }

    [Fact]
    public async Task A_group_goes_on_when_its_rendezvous_point_is_gone()
    {
        var group = await CreateAsync("survivors");
        var root = _ring.MinBy(place => place.Node.Handle.Id.DistanceTo(group.Key));
        var others = _ring.Where(place => place.Node != root.Node).ToArray();
        var members = await Task.WhenAll(others.Select(place => JoinAsync(place.Scribe, group)));
        var readers = members.Select(member => ReadAsync(member, 2)).ToArray();
        Assert.IsType<PublishResult.Published>(await members[0].PublishAsync("before"u8.ToArray(), cancellationToken: Limit));
        await root.Node.KillAsync();
        Assert.IsType<PublishResult.Published>(await members[1].PublishAsync("after"u8.ToArray(), cancellationToken: Limit));
        Assert.All(await Task.WhenAll(readers), texts => Assert.Equal(["before", "after"], texts));
    }

    [Fact]
    public async Task Who_joins_late_gets_the_history_that_it_asks_for()
    {
        var group = await CreateAsync("history");
        var early = await JoinAsync(_ring[0].Scribe, group);
        for (var i = 0; i < 5; i++)
        {
            await early.PublishAsync(Encoding.UTF8.GetBytes($"{i}"), cancellationToken: Limit);
        }

        var late = await JoinAsync(_ring[1].Scribe, group, new JoinOptions { HistoryCount = 3 });
        Assert.Equal(["2", "3", "4"], await ReadAsync(late, 3));
    }

    [Fact]
    public async Task A_membership_that_was_left_ends_its_events_and_publishes_nothing()
    {
        var group = await CreateAsync("left");
        var member = await JoinAsync(_ring[2].Scribe, group);
        await member.DisposeAsync();
        Assert.Empty(await ReadAsync(member, 1));
        await Assert.ThrowsAsync<ScribeException>(async () => await member.PublishAsync(new byte[1]));
    }

    [Fact]
    public async Task Content_that_is_too_long_is_refused()
    {
        var group = await CreateAsync("long");
        var member = await JoinAsync(_ring[2].Scribe, group);
        Assert.IsType<PublishResult.Published>(await member.PublishAsync(new byte[ScribeNode.ContentLengthMax], cancellationToken: Limit));
        await Assert.ThrowsAsync<ArgumentException>(async () => await member.PublishAsync(new byte[ScribeNode.ContentLengthMax + 1]));
    }

    private async Task<GroupId> CreateAsync(string name)
    {
        using var creator = SigningKey.Create();
        return Assert.IsType<CreateResult.Created>(await _ring[0].Scribe.CreateAsync(name, creator, cancellationToken: Limit)).Certificate.Id;
    }

    private async Task<IGroup> JoinAsync(ScribeNode scribe, GroupId group, JoinOptions? options = null) =>
        Assert.IsType<JoinResult.Joined>(await scribe.JoinAsync(group, options, Limit)).Group;

    private async Task<List<string>> ReadAsync(IGroup group, int count)
    {
        var texts = new List<string>();
        await foreach (var happened in group.EventsAsync(Limit))
        {
            texts.Add(Encoding.UTF8.GetString(Assert.IsType<GroupEvent.Received>(happened).Message.Content.Span));
            if (texts.Count == count)
            {
                break;
            }
        }

        return texts;
    }
}
