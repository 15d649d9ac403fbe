using P2P.Past;
using P2P.Past.Wire;

namespace Past.Tests.Simulation;

/// <summary>A file counts as taken back when those next to its id were told, whoever else says that it has given it up.</summary>
public class WitnessedReclaimTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void One_node_that_searches_pass_does_not_take_files_back_by_its_own_word(ulong seed)
    {
        var world = PastWorld.Formed(4, seed);
        Accomplice[] liars = [.. Enumerable.Range(0, 8).Select(_ => new Accomplice(world))];
        var keys = Enumerable.Range(0, 20).Select(i => SeededKeys.Get(seed, i)).ToDictionary(key => key.PublicKey.NodeId);
        world.Grow(56);
        SimulatedFile[] files =
        [
            .. Enumerable.Range(0, 1000).Select(i => world.NewFile($"held {i}"))
                .Where(file => IsBesideLiars(file)).Take(20),
        ];
        SimulatedInsert[] inserts = [.. files.Select(file => world.Pick().Insert(file))];
        world.Await(inserts);
        Assert.All(inserts, world.AssertStored);
        foreach (var liar in liars)
        {
            liar.Impostor.Answer = message => message switch
            {
                LookupSearch search => [new Invitation(search.Operation)],
                ReclaimRequest request =>
                [
                    new ReclaimReply(request.Operation, ReclaimReceipt.Create(request.Certificate, 1000, keys[liar.Node.Id], TestFiles.Created), []),
                ],
                _ => [],
            };
        }

        // The liars are next to the files, and hold none of them.
        bool IsBesideLiars(SimulatedFile file)
        {
            var honest = world.Oracle.Closest(file.Id.RoutingKey, 8).Select(near => world.MemberOf(near.Id) is not null).ToArray();
            return honest[..file.Replicas].All(isHonest => isHonest) && honest.Contains(false);
        }

        SimulatedReclaim[] reclaims = [.. files.Select(file => world.Pick().Reclaim(file))];
        world.Await(reclaims);
        Assert.NotEmpty(liars.SelectMany(liar => liar.Impostor.Heard).OfType<ReclaimRequest>());
        Assert.All(
            reclaims.Where(reclaim => reclaim.Result is ReclaimResult.Reclaimed),
            reclaim => Assert.True(world.HoldersOf(reclaim.File.Id).Length == 0, $"seed {seed}: {reclaim.File.Id:s} is held by {world.HoldersOf(reclaim.File.Id).Length}"));
        Assert.InRange(reclaims.Count(reclaim => reclaim.Result is ReclaimResult.Reclaimed), 15, 20);
    }

    [Theory]
    [InlineData(1, false)]
    [InlineData(2, false)]
    [InlineData(3, false)]
    [InlineData(1, true)]
    [InlineData(2, true)]
    [InlineData(3, true)]
    public void Replica_that_is_held_far_from_the_file_does_not_keep_its_holders_from_hearing(ulong seed, bool isTheClient)
    {
        var world = PastWorld.Formed(150, seed, cache: new CacheOptions { CapacityBytes = 0 });
        var (file, client, beyond) = Enumerable.Range(0, 100).Select(i => FindWayThroughHolder(world, world.InsertStored($"diverted {i}"))).First(way => way.Client is not null);
        var holders = world.HoldersOf(file.Id);
        var reclaim = (isTheClient ? beyond : client!).Reclaim(file);
        world.Await(reclaim);

        var reclaimed = Assert.IsType<ReclaimResult.Reclaimed>(reclaim.Result);
        Assert.Equal(holders.Select(holder => holder.Node.Handle.Id).Order(), reclaimed.Receipts.Select(receipt => receipt.Holder).Order());
        Assert.Empty(world.HoldersOf(file.Id));
    }

    /// <summary>
    /// Puts a replica where nobody next to the file has it in its leaf set, as a diversion beyond that does, and where a client's search passes by; no client where none does.
    /// </summary>
    private static (SimulatedFile File, Member? Client, Member Beyond) FindWayThroughHolder(PastWorld world, SimulatedFile file)
    {
        Member[] far = [.. world.Oracle.Closest(file.Id.RoutingKey, 60).Skip(18).Select(node => world.MemberOf(node.Id)!)];
        var before = far.ToDictionary(member => member, member => member.ReadCount);
        foreach (var member in far)
        {
            var stored = member.Store.StoreAsync(file.Certificate, file.Content);
            Assert.True(stored.IsCompletedSuccessfully);
        }

        Member? passed = null;
        var client = world.Alive.Where(member => !member.Store.Contains(file.Id)).FirstOrDefault(member =>
        {
            world.Find(member, file.Id);
            passed = far.FirstOrDefault(holder => holder.ReadCount > before[holder]);
            return passed is not null;
        });
        foreach (var other in far.Where(member => member != passed))
        {
            var deleted = other.Store.DeleteAsync(file.Id);
            Assert.True(deleted.IsCompletedSuccessfully);
        }

        return (file, client, passed ?? far[0]);
    }
}
