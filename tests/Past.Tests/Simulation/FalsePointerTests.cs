using P2P.Past;
using P2P.Past.Wire;

namespace Past.Tests.Simulation;

/// <summary>One neighbour that says it holds what others should, or has all the room in the world, costs no file.</summary>
public sealed class FalsePointerTests
{
    private static readonly PastOptions Options = new() { MaintenanceInterval = TimeSpan.FromSeconds(20) };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Newcomers_that_are_told_of_a_pointer_make_a_replica_all_the_same(ulong seed)
    {
        var world = PastWorld.Formed(24, seed, past: Options);
        var liar = new Accomplice(world);
        liar.Impostor.Answer = SayHeld;
        var file = FileNear(world, liar, before: 4);
        var insert = world.Pick().Insert(file);
        world.Await(insert);
        world.AssertStored(insert);
        for (var newcomer = 0; newcomer < 3; newcomer++)
        {
            var member = world.AddNextTo(file.Id.RoutingKey, 0);
            world.Join(member);
            for (var said = 0; said < 150; said++)
            {
                liar.Say(TimeSpan.FromMilliseconds(100), (member.Node.Handle, new DiversionNotice(file.Id, 3, file.Content.Length, liar.Node)));
            }

            Assert.True(member.Node.IsReady);
        }

        world.Simulation.Run(TimeSpan.FromMinutes(2));
        Assert.Equal(3, world.HoldersOf(file.Id).Length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Who_claims_the_most_room_gets_one_replica_of_a_file_at_most(ulong seed)
    {
        var world = new PastWorld(seed, past: Options) { CapacityBytes = 1_000_000 };
        world.Grow(24);
        var key = SeededKeys.Get(seed, 24);
        var liar = new Accomplice(world);
        Assert.Equal(key.PublicKey.NodeId, liar.Node.Id);
        liar.Impostor.Answer = message => message switch
        {
            DivertRequest divert => [new StoreReply(divert.Operation, divert.Certificate.FileId, RefusalCode.None, StoreReceipt.Create(divert.Certificate, key, TestFiles.Created))],
            StorageNotice { AsksBack: true } => [new StorageNotice(1L << 60, 1L << 60, false)],
            _ => SayHeld(message),
        };
        liar.Say(TimeSpan.FromSeconds(1), world.Alive.Select(member => (member.Node.Handle, (PastMessage)new StorageNotice(1L << 60, 1L << 60, false))));
        var file = FileNear(world, liar, before: 3, length: 20_000);
        foreach (var member in world.ClosestTo(file))
        {
            world.Fill(member, 10_000);
        }

        world.Simulation.Run(TimeSpan.FromSeconds(2));
        var insert = world.Pick().Insert(file);
        world.Await(insert);
        world.AssertStored(insert);
        Assert.True(world.HoldersOf(file.Id).Length >= 2);
    }

    [Fact]
    public void Offer_of_room_that_nobody_looks_for_is_passed_over_also_by_a_node_that_is_alone()
    {
        var world = PastWorld.Formed(2, seed: 4, past: Options);
        var liar = new Accomplice(world);
        var file = world.NewFile("any");
        liar.Say(TimeSpan.FromSeconds(1), world.Alive.Select(member => (member.Node.Handle, (PastMessage)new RoomOffer(file.Id))));
        foreach (var member in world.Alive.Skip(1).ToArray())
        {
            member.Node.Crash();
        }

        liar.Say(TimeSpan.FromMinutes(3), world.Alive.Select(member => (member.Node.Handle, (PastMessage)new RoomOffer(file.Id))));
        Assert.Empty(world.HoldersOf(file.Id));
    }

    private static IEnumerable<PastMessage> SayHeld(PastMessage message) =>
        message is ReplicaOffer offer ? [new ReplicaOfferReply([.. offer.Replicas.Select(replica => replica.FileId)], [], [])] : [];

    /// <summary>Makes a file next to which the liar is, but not one of the first so many.</summary>
    private static SimulatedFile FileNear(PastWorld world, Accomplice liar, int before, int length = 1000) =>
        Enumerable.Range(0, 1000).Select(number => world.NewFile($"file {number}", length: length)).First(file =>
        {
            var near = world.Oracle.Closest(file.Id.RoutingKey, before + 4);
            return near.Take(before).All(node => node.Id != liar.Node.Id) && near.Any(node => node.Id == liar.Node.Id);
        });
}
