using System.Text;
using P2P.Pastry;
using P2P.Pastry.Simulation;
using P2P.Scribe;

namespace Scribe.Tests.Simulation;

/// <summary>An anycast reaches one member that accepts, if there is one.</summary>
public sealed class AnycastTests
{
    [Theory]
    [InlineData(71)]
    [InlineData(72)]
    public void One_member_that_accepts_is_found_among_many_that_decline(ulong seed)
    {
        var world = new ScribeWorld(80, seed);
        var group = world.Create("helpers").Id;
        var declined = 0;
        foreach (var node in Pick(world, 20))
        {
            Serve(world, node, group, request =>
            {
                declined++;
                return request.DeclineAsync();
            });
        }

        var willing = Pick(world, 1)[0];
        Serve(world, willing, group, request => request.AcceptAsync(Encoding.UTF8.GetBytes($"yes, {Encoding.UTF8.GetString(request.Content.Span)}")));
        foreach (var client in Pick(world, 10))
        {
            var accepted = Assert.IsType<AnycastResult.Accepted>(Ask(world, client, group, "room?"));
            Assert.Equal(willing.Handle.Id, accepted.Node);
            Assert.Equal("yes, room?", Encoding.UTF8.GetString(accepted.Reply.Span));
        }

        Assert.InRange(declined, 1, 10 * 20);
    }

    [Fact]
    public void Near_members_are_asked_and_each_request_once()
    {
        var world = new ScribeWorld(80, seed: 73);
        var group = world.Create("all").Id;
        var asked = new List<NodeId>();
        foreach (var node in Pick(world, 30))
        {
            Serve(world, node, group, request =>
            {
                asked.Add(node.Handle.Id);
                return request.AcceptAsync();
            });
        }

        foreach (var client in Pick(world, 20))
        {
            Assert.IsType<AnycastResult.Accepted>(Ask(world, client, group, "any"));
        }

        Assert.Equal(20, asked.Count);
        Assert.True(asked.Distinct().Count() > 3, "All requests went to the same few members.");
    }

    [Fact]
    public void Outcomes_say_that_there_is_no_group_and_that_nobody_accepts()
    {
        var world = new ScribeWorld(40, seed: 74);
        Assert.IsType<AnycastResult.NotFound>(Ask(world, world.Pick(), GroupId.Compute("none", world.Creator.PublicKey), "?"));
        var group = world.Create("silent").Id;
        Assert.IsType<AnycastResult.NobodyAccepted>(Ask(world, world.Pick(), group, "?"));

        // Members that do not take anycasts are not asked, and who says nothing is passed over.
        world.JoinMany(group, 5);
        Serve(world, Pick(world, 1)[0], group, _ => ValueTask.CompletedTask);
        Assert.IsType<AnycastResult.NobodyAccepted>(Ask(world, world.Pick(), group, "?"));
    }

    [Fact]
    public void Where_authors_are_invited_strangers_ask_nobody()
    {
        var world = new ScribeWorld(40, seed: 75);
        var group = world.Create("closed", new GroupPolicy { Authors = GroupAudience.Invited }).Id;
        foreach (var node in Pick(world, 10))
        {
            Serve(world, node, group, request => request.AcceptAsync());
        }

        Assert.IsType<AnycastResult.Denied>(Ask(world, world.Pick(), group, "?"));
        Assert.IsType<AnycastResult.Accepted>(Ask(world, world.Pick(), group, "?", new AnycastOptions { Author = world.Creator }));
    }

    [Fact]
    public void Nodes_that_die_on_the_way_are_gone_around()
    {
        var world = new ScribeWorld(100, seed: 76);
        var group = world.Create("robust").Id;
        var members = Pick(world, 40);
        foreach (var node in members)
        {
            Serve(world, node, group, request => request.AcceptAsync());
        }

        foreach (var node in members.Take(10))
        {
            node.Crash();
        }

        var clients = Pick(world, 20);
        var results = world.Scribe.Run(() => Task.WhenAll(clients.Select(client => world.Scribe.ScribeOf(client).AnycastAsync(group, "?"u8.ToArray()).AsTask())), ScribeWorld.Limit);
        Assert.All(results, result => Assert.IsType<AnycastResult.Accepted>(result));
    }

    private static AnycastResult Ask(ScribeWorld world, SimulatedNode client, GroupId group, string text, AnycastOptions? options = null) =>
        world.Scribe.Run(() => world.Scribe.ScribeOf(client).AnycastAsync(group, Encoding.UTF8.GetBytes(text), options).AsTask(), ScribeWorld.Limit);

    private static List<SimulatedNode> Pick(ScribeWorld world, int count)
    {
        var picked = new HashSet<SimulatedNode>();
        while (picked.Count < count)
        {
            picked.Add(world.Pick());
        }

        return [.. picked];
    }

    private static void Serve(ScribeWorld world, SimulatedNode node, GroupId group, Func<AnycastRequest, ValueTask> answer)
    {
        var member = Assert.IsType<JoinResult.Joined>(
            world.Scribe.Run(() => world.Scribe.ScribeOf(node).JoinAsync(group, new JoinOptions { TakesAnycasts = true }).AsTask(), ScribeWorld.Limit)).Group;
        world.Scribe.Run(
            () =>
            {
                _ = ServeAsync();
                return Task.CompletedTask;
            },
            ScribeWorld.Limit);

        async Task ServeAsync()
        {
            await foreach (var happened in member.EventsAsync().ConfigureAwait(false))
            {
                if (happened is GroupEvent.Anycast { Request: var request })
                {
                    await answer(request).ConfigureAwait(false);
                }
            }
        }
    }
}
