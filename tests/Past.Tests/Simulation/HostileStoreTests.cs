using P2P.Past;
using P2P.Past.Wire;
using P2P.Pastry;

namespace Past.Tests.Simulation;

/// <summary>What requests to store achieve, and offers, of peers that mean no good.</summary>
public class HostileStoreTests
{
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(2);

    [Fact]
    public void Request_of_a_node_that_is_no_neighbour_is_not_taken_whatever_its_k()
    {
        var (world, attacker) = Formed(seed: 1);
        foreach (var replicas in (int[])[3, 9, 64])
        {
            var file = world.NewFile($"claimed {replicas}", replicas);
            attacker.Say(Moment, Strangers(world, attacker).Select(node =>
                (node, (PastMessage)new StoreRequest(77, attacker.Node, file.Certificate, file.Content))));
            Assert.Empty(world.HoldersOf(file.Id));
        }

        Assert.Empty(attacker.Impostor.Heard.OfType<StoreReply>());
    }

    [Theory]
    [InlineData(9, 0, true)]
    [InlineData(10, 0, false)]
    [InlineData(64, 0, false)]
    [InlineData(5, 39, false)]
    [InlineData(64, 20, false)]
    public void Offers_are_wanted_only_of_files_that_the_node_may_hold(int replicas, int rank, bool wanted)
    {
        var (world, attacker) = Formed(seed: 2);
        var file = world.NewFile("offered", replicas);
        var node = world.Oracle.Closest(file.Id.RoutingKey, 40)[rank];
        attacker.Say(Moment, (node, new ReplicaOffer([new StoredReplica(file.Id, replicas)])));
        Assert.Equal(wanted, attacker.Impostor.Heard.OfType<ReplicaOfferReply>().Any(reply => reply.Wanted.Contains(file.Id)));
    }

    [Fact]
    public void Forged_certificate_for_an_id_keeps_nobody_from_inserting_it()
    {
        var (world, _) = Formed(seed: 3);
        var file = world.NewFile("victim");
        var bytes = file.Certificate.Encoded.ToArray();
        bytes[^1] ^= 1;
        Assert.True(FileCertificate.TryRead(bytes, out var forged));
        var neighbor = Enumerable.Range(0, 50).Select(_ => new Accomplice(world)).First(accomplice =>
            world.Oracle.Closest(file.Id.RoutingKey, 10).Any(node => node.Id == accomplice.Node.Id)
            && world.Oracle.Closest(file.Id.RoutingKey, 4).All(node => node.Id != accomplice.Node.Id));
        world.DiskTime = TimeSpan.FromSeconds(0.5);
        var insert = world.Pick().Insert(file);
        for (var i = 0; i < 10; i++)
        {
            neighbor.Say(TimeSpan.FromSeconds(0.1), world.Oracle.Closest(file.Id.RoutingKey, 3).Select(node =>
                (node, (PastMessage)new StoreRequest(7, neighbor.Node, forged, null))));
        }

        world.Await(insert);
        world.AssertStored(insert);
    }

    [Fact]
    public void Made_up_offers_do_not_fill_what_a_node_may_ask_for()
    {
        var past = new PastOptions { TransferQueueMax = 64 };
        var (world, attacker) = Formed(seed: 4, past);
        var stranger = Strangers(world, attacker).First();
        for (var page = 0; page < 20; page++)
        {
            attacker.Say(TimeSpan.FromMilliseconds(50), (stranger, new ReplicaOffer([.. MadeUp(page, stranger.Id)])));
        }

        var wanted = attacker.Impostor.Heard.OfType<ReplicaOfferReply>().Sum(reply => reply.Wanted.Length);
        Assert.InRange(wanted, 1, past.TransferQueueMax / 2);

        var other = new Accomplice(world);
        var again = Strangers(world, other).Any(node => node.Id == stranger.Id) ? 0 : past.TransferQueueMax / 2;
        other.Say(Moment, (stranger, new ReplicaOffer([.. MadeUp(99, stranger.Id)])));
        Assert.Equal(again, other.Impostor.Heard.OfType<ReplicaOfferReply>().Sum(reply => reply.Wanted.Length));
    }

    [Fact]
    public void Wish_that_is_repeated_in_one_message_is_not_granted_as_often()
    {
        var (world, _) = Formed(seed: 5);
        var file = world.InsertStored("wished for");
        var neighbor = Enumerable.Range(0, 60).Select(_ => new Accomplice(world)).First(accomplice =>
            world.Oracle.Closest(file.Id.RoutingKey, 8).Any(node => node.Id == accomplice.Node.Id));
        var holder = world.HoldersOf(file.Id).First();
        world.Simulation.Run(TimeSpan.FromSeconds(30));
        neighbor.Impostor.Heard.Clear();
        neighbor.Say(Moment, (holder.Node.Handle, new ReplicaOfferReply([], [.. Enumerable.Repeat(file.Id, 1000)], [])));
        var repeated = neighbor.Impostor.Heard.OfType<ReplicaOffer>().Sum(offer => offer.Replicas.Length) + neighbor.Impostor.Heard.OfType<StoreRequest>().Count();
        Assert.InRange(repeated, 1, 2);
    }

    [Fact]
    public void Operation_zero_of_a_client_is_no_maintenance()
    {
        var (world, attacker) = Formed(seed: 6);
        var file = world.InsertStored("held");
        attacker.Say(Moment, world.HoldersOf(file.Id).Select(holder => (holder.Node.Handle, (PastMessage)new LookupRequest(0, file.Id))));
        Assert.DoesNotContain(attacker.Impostor.Heard, message => message is StoreRequest or LookupFound);

        var other = world.NewFile("inserted");
        attacker.Say(Moment, world.Oracle.Closest(other.Id.RoutingKey, 3).Select(node => (node, (PastMessage)new InsertRequest(0, other.Certificate, other.Content))));
        Assert.Empty(world.HoldersOf(other.Id));
    }

    [Theory]
    [InlineData(1, 25)]
    [InlineData(3, 25)]
    [InlineData(64, 25)]
    [InlineData(3, 60)]
    [InlineData(64, 60)]
    public void Who_offers_a_file_and_says_that_he_holds_it_takes_no_replica_away(int claimedReplicas, int closerThanAttacker)
    {
        var (world, attacker) = Formed(seed: 7, new PastOptions { MaintenanceInterval = TimeSpan.FromSeconds(20) });
        var file = Enumerable.Range(0, 1000).Select(i => world.NewFile($"file {i}", replicas: 1)).First(file =>
            world.Oracle.Closest(file.Id.RoutingKey, closerThanAttacker).All(near => near.Id != attacker.Node.Id));

        // A replica beyond the leaf set, as of a node that many newcomers have pushed away from the file.
        var near = world.Oracle.Closest(file.Id.RoutingKey, 25).Select(node => node.Id).ToHashSet();
        var node = Strangers(world, attacker).First(node => !near.Contains(node.Id));
        var held = world.MemberOf(node.Id)!;
        Assert.True(held.Store.StoreAsync(file.Certificate, file.Content).AsTask().IsCompletedSuccessfully);
        var claim = new ReplicaOfferReply([file.Id], [], []);
        attacker.Impostor.Answer = message => message is ReplicaOffer offer && offer.Replicas.Any(replica => replica.FileId == file.Id) ? [claim] : [];
        for (var i = 0; i < 10; i++)
        {
            attacker.Say(TimeSpan.FromSeconds(10), (node, new ReplicaOffer([new StoredReplica(file.Id, claimedReplicas)])), (node, claim));
        }

        Assert.True(held.Store.Contains(file.Id), $"seed {world.Simulation.Seed}: the last replica was let go of");

        // Nor does it count for one who lies where no holder can: nobody else could be asked for any more.
        var counts = attacker.Impostor.Heard.OfType<ReplicaOfferReply>().Any(reply => reply.Held.Contains(file.Id));
        Assert.False(counts && closerThanAttacker > 25);
    }

    private static IEnumerable<StoredReplica> MadeUp(int page, NodeId near)
    {
        var random = new Random(page);
        for (var i = 0; i < 1000; i++)
        {
            var id = new byte[FileId.ByteLength];
            random.NextBytes(id);
            near.WriteBytes(id);
            yield return new StoredReplica(FileId.FromBytes(id), 3);
        }
    }

    /// <summary>Lists honest nodes that do not have the attacker in their leaf sets.</summary>
    private static IEnumerable<NodeHandle> Strangers(PastWorld world, Accomplice attacker)
    {
        var near = world.Oracle.Closest(attacker.Node.Id, 25).Select(node => node.Id).ToHashSet();
        return world.Alive.Select(shell => shell.Node.Handle).Where(node => !near.Contains(node.Id));
    }

    private static (PastWorld World, Accomplice Attacker) Formed(ulong seed, PastOptions? past = null)
    {
        var world = PastWorld.Formed(60, seed, past: past);
        return (world, new Accomplice(world));
    }
}
