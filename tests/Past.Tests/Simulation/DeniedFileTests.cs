using P2P.Past;
using P2P.Past.Wire;
using P2P.Pastry;

namespace Past.Tests.Simulation;

/// <summary>What nodes achieve that lie on the way of a search and deny the file, or name each other as its holders.</summary>
public class DeniedFileTests
{
    private const int Nodes = 150;

    [Theory]
    [InlineData(11)]
    public void Stored_file_is_not_called_not_found_by_nodes_that_are_far_from_it(ulong seed)
    {
        var (world, liars, file) = FormedWithLiars(seed, liarsNearer: 40);
        var insert = world.Pick().Insert(file);
        world.Await(insert);
        world.AssertStored(insert);
        NodeHandle[] named = [liars[0].Node, liars[1].Node];
        foreach (var liar in liars)
        {
            liar.Impostor.Answer = message => message switch
            {
                LookupSearch search => [new Invitation(search.Operation)],
                LookupRequest lookup => [new LookupAbsent(lookup.Operation, named)],
                _ => [],
            };
        }

        SimulatedLookup[] lookups = [.. world.Alive.Where(client => !client.Store.Contains(file.Id)).Select(client => client.Lookup(file.Id))];
        world.Await(lookups);
        Assert.NotEmpty(liars.SelectMany(liar => liar.Impostor.Heard).OfType<LookupRequest>());
        Assert.DoesNotContain(lookups, lookup => lookup.Outcome == SimulatedOutcome.NotFound);
        Assert.InRange(lookups.Count(lookup => lookup.Outcome == SimulatedOutcome.Found), Nodes * 9 / 10, Nodes);
    }

    [Theory]
    [InlineData(13)]
    [InlineData(14)]
    [InlineData(15)]
    public void File_that_is_nowhere_is_not_found_from_everywhere(ulong seed)
    {
        var world = PastWorld.Formed(Nodes, seed);
        SimulatedLookup[] lookups = [.. world.Alive.SelectMany(client => Enumerable.Range(0, 5).Select(i => client.Lookup(world.NewFile($"nowhere {i}").Id)))];
        world.Await(lookups);
        Assert.All(lookups, lookup => Assert.Equal(SimulatedOutcome.NotFound, lookup.Outcome));
    }

    [Fact]
    public void One_node_that_a_search_passes_denies_nothing_with_a_neighbour_s_help()
    {
        // Both lie where neighbours may; the other way leads past them.
        var (world, liars, file) = FormedWithLiars(seed: 16, liarsNearer: 10, liarCount: 2);
        var insert = world.Pick().Insert(file);
        world.Await(insert);
        world.AssertStored(insert);
        foreach (var liar in liars)
        {
            liar.Impostor.Answer = message => message switch
            {
                LookupSearch search => [new Invitation(search.Operation)],
                LookupRequest lookup => [new LookupAbsent(lookup.Operation, [liars[0].Node, liars[1].Node])],
                _ => [],
            };
        }

        SimulatedLookup[] lookups = [.. world.Alive.Where(client => !client.Store.Contains(file.Id)).Select(client => client.Lookup(file.Id))];
        world.Await(lookups);
        Assert.DoesNotContain(lookups, lookup => lookup.Outcome == SimulatedOutcome.NotFound);
    }

    [Fact]
    public void Holders_that_are_far_from_the_file_are_not_believed()
    {
        var (world, liars, file) = FormedWithLiars(seed: 11, liarsNearer: 40);
        var keys = Enumerable.Range(0, Nodes + liars.Length).Select(i => SeededKeys.Get(11, i)).ToDictionary(key => key.PublicKey.NodeId);
        NodeHandle[] named = [.. liars.Take(3).Select(liar => liar.Node)];
        foreach (var liar in liars)
        {
            liar.Impostor.Answer = message => message switch
            {
                InsertSearch search => [new Invitation(search.Operation)],
                InsertRequest insert =>
                [
                    new InsertAccepted(insert.Operation, named),
                    new StoreReply(insert.Operation, file.Id, RefusalCode.None, StoreReceipt.Create(insert.Certificate, keys[liar.Node.Id], TestFiles.Created)),
                ],
                _ => [],
            };
        }

        SimulatedInsert[] inserts = [.. world.Alive.Select(client => client.Insert(file))];
        world.Await(inserts);
        Assert.NotEmpty(liars.SelectMany(liar => liar.Impostor.Heard).OfType<InsertRequest>());
        Assert.NotEmpty(world.HoldersOf(file.Id));
        Assert.DoesNotContain(inserts, insert => insert.Result is InsertResult.Stored stored
            && stored.Receipts.Any(receipt => liars.Any(liar => liar.Node.Id == receipt.Holder)));
    }

    /// <summary>Forms a ring with liars in it, and finds a file with this many honest nodes nearer than any of them.</summary>
    private static (PastWorld World, Accomplice[] Liars, SimulatedFile File) FormedWithLiars(ulong seed, int liarsNearer, int liarCount = 12)
    {
        var world = PastWorld.Formed(4, seed);
        Accomplice[] liars = [.. Enumerable.Range(0, liarCount).Select(_ => new Accomplice(world))];
        world.Grow(Nodes - 4);
        world.Simulation.Run(TimeSpan.FromMinutes(1));
        var denied = liars.Take(3).Select(liar => liar.Node.Id).ToHashSet();
        var file = Enumerable.Range(0, 5000).Select(i => world.NewFile($"denied {i}"))
            .First(file => world.Oracle.Closest(file.Id.RoutingKey, liarsNearer).All(near => !denied.Contains(near.Id))
                && world.Oracle.Closest(file.Id.RoutingKey, 8).All(near => world.MemberOf(near.Id) is not null));
        return (world, liars, file);
    }
}
