using P2P.Scribe;
using P2P.Scribe.Simulation;

namespace Architecture.Tests.Snippets.Cookbook;

public sealed class ArenaTests
{
    [Fact]
    public void Fifty_players_see_the_same_hits_though_some_leave_without_a_word()
    {
        // snippet: arena-of-fifty
        var world = new ScribeSimulation(new() { Overlay = new() { Seed = 7 } });
        world.Grow(500);
        var creator = world.Overlay.NextKey();
        world.Run(
            async () =>
            {
                var players = new List<Arena>();
                foreach (var node in world.Overlay.ReadyNodes.Take(50).ToList())
                {
                    if (await world.ScribeOf(node).JoinOrCreateAsync("arena", creator) is JoinResult.Joined { Group: var group })
                    {
                        players.Add(new Arena(group));
                        _ = players[^1].WatchAsync();
                    }
                }

                var target = world.Overlay.NextId();
                await Task.WhenAll(players.Select((player, number) => player.MoveAsync(number, -number)));
                await Task.WhenAll(players.Select(player => player.HitAsync(target)));
                foreach (var node in world.Overlay.ReadyNodes.Skip(50).Take(100).ToList())
                {
                    node.Crash(); // forwarders, and perhaps the rendezvous point
                }

                await Task.Delay(TimeSpan.FromMinutes(1), world.Overlay.Time);
                await Task.WhenAll(players.Select(player => player.HitAsync(target)));
                await Task.Delay(TimeSpan.FromSeconds(10), world.Overlay.Time);
                Assert.All(players, player => Assert.Equal(players[0].Hits, player.Hits));
                Assert.Equal((50, 100, 50), (players.Count, players[0].Hits.Count, players[0].Places.Count));
            },
            limit: TimeSpan.FromHours(1));
        // end of snippet
    }
}
