using P2P.Past;
using P2P.Past.Wire;
using P2P.Pastry;

namespace Past.Tests.Simulation;

/// <summary>What peers achieve that speak out of turn or in others' names.</summary>
public class HostilePeerTests
{
    [Fact]
    public void Search_in_a_stranger_s_name_brings_the_stranger_an_invitation_and_no_content()
    {
        var (world, attacker) = FormedWithImpostor(seed: 1);
        var (victim, victimNode) = Join(world);
        var file = world.InsertStored("wanted", length: 30_000);
        Speak(world, attacker, overlay =>
        {
            overlay.Route(file.Id.RoutingKey, Payload.FromContent(new LookupSearch(file.Id, thorough: false, 7, victimNode)));
            overlay.Route(file.Id.RoutingKey, Payload.FromContent(new InsertSearch(file.Id, 3, 8, victimNode)));
        });
        Assert.NotEmpty(victim.Heard.OfType<Invitation>());
        Assert.All(victim.Heard, message => Assert.IsNotType<LookupFound>(message));
        Assert.All(victim.Heard, message => Assert.IsNotType<InsertAccepted>(message));
    }

    [Fact]
    public void Files_that_were_not_offered_are_not_given_to_strangers()
    {
        var (world, attacker) = FormedWithImpostor(seed: 2);
        SimulatedFile[] held =
        [
            .. Enumerable.Range(0, 100).Select(i => world.NewFile($"file {i}"))
                .Where(file => !world.Oracle.Closest(file.Id.RoutingKey, 10).Any(node => node.Id == attacker.Node.Id)).Take(10),
        ];
        SimulatedInsert[] inserts = [.. held.Select(file => world.Pick().Insert(file))];
        world.Await(inserts);
        Assert.All(inserts, world.AssertStored);
        Speak(world, attacker, overlay =>
        {
            foreach (var file in held)
            {
                foreach (var holder in world.HoldersOf(file.Id))
                {
                    overlay.Send(holder.Node.Handle, Payload.FromContent(new ReplicaOfferReply([], [file.Id])));
                }
            }
        });
        var ids = held.Select(file => file.Id).ToHashSet();
        Assert.DoesNotContain(attacker.Impostor.Heard.OfType<StoreRequest>(), store => ids.Contains(store.Certificate.FileId));
        Assert.DoesNotContain(attacker.Impostor.Heard.OfType<ReplicaOffer>().SelectMany(offer => offer.Replicas), replica => ids.Contains(replica.FileId));
    }

    [Fact]
    public void Replica_that_nobody_asked_for_is_not_taken()
    {
        var (world, attacker) = FormedWithImpostor(seed: 3);
        var file = world.NewFile("pushed");
        Speak(world, attacker, overlay =>
        {
            foreach (var node in world.Oracle.Closest(file.Id.RoutingKey, 3))
            {
                overlay.Send(node, Payload.FromContent(new StoreRequest(0, attacker.Node, file.Certificate, file.Content)));
            }
        });
        Assert.Empty(world.HoldersOf(file.Id));
    }

    [Theory]
    [InlineData(StoreRefusal.NoRoom)]
    [InlineData(StoreRefusal.FileIdExists)]
    [InlineData((StoreRefusal)99)]
    public void Refusal_of_a_node_that_was_not_named_ends_no_insert(StoreRefusal refusal)
    {
        var (world, attacker) = FormedWithImpostor(seed: 4);
        world.DiskTime = TimeSpan.FromSeconds(1);
        var file = FarFrom(world, attacker.Node);
        var client = world.Pick();
        var insert = client.Insert(file);
        world.Simulation.Run(TimeSpan.FromSeconds(0.5));
        Speak(world, attacker, overlay =>
            overlay.Send(client.Node.Handle, Payload.FromContent(new StoreReply(insert.Operation, file.Id, refusal, receipt: null))));
        world.Await(insert);
        world.AssertStored(insert);
    }

    [Fact]
    public void Holder_that_reports_progress_for_ever_is_not_waited_for_for_ever()
    {
        var past = new PastOptions { OperationTimeout = TimeSpan.FromSeconds(2), OperationAttemptsMax = 2, OperationTimeMax = TimeSpan.FromSeconds(60) };
        var world = new PastWorld(seed: 5, past: past);
        world.Grow(4);
        var (impostor, node) = Join(world);
        StoreRequest? asked = null;
        impostor.Answer = message =>
        {
            asked ??= message as StoreRequest;
            return asked is null ? [] : [new StoreProgress(asked.Operation)];
        };
        var insert = world.Alive.First().Insert(world.NewFile("five of five", replicas: 5));
        for (var second = 0; second < 59; second++)
        {
            world.Simulation.Run(TimeSpan.FromSeconds(1));
            if (asked is not null)
            {
                Speak(world, (impostor, node), overlay => overlay.Send(asked.Client, Payload.FromContent(new StoreProgress(asked.Operation))), TimeSpan.Zero);
            }
        }

        Assert.Null(insert.Result);
        world.Simulation.Run(TimeSpan.FromSeconds(10));
        Assert.IsType<InsertResult.Indeterminate>(insert.Result);
    }

    private static (PastWorld World, (Impostor Impostor, NodeHandle Node) Attacker) FormedWithImpostor(ulong seed)
    {
        var world = PastWorld.Formed(25, seed);
        return (world, Join(world));
    }

    private static (Impostor Impostor, NodeHandle Node) Join(PastWorld world)
    {
        var impostor = new Impostor();
        var node = world.AddImpostor(impostor);
        node.Join(world.Simulation.Nodes[0]);
        Assert.True(world.Simulation.RunUntilReady([node], TimeSpan.FromMinutes(1)));
        return (impostor, node.Handle);
    }

    /// <summary>Finds a file that an impostor has nothing to do with.</summary>
    private static SimulatedFile FarFrom(PastWorld world, NodeHandle node) =>
        Enumerable.Range(0, 1000).Select(i => world.NewFile($"far {i}")).First(file => world.Oracle.Closest(file.Id.RoutingKey, 8).All(near => near.Id != node.Id));

    private static void Speak(PastWorld world, (Impostor Impostor, NodeHandle Node) speaker, Action<IOverlay> words, TimeSpan? wait = null)
    {
        var node = world.Simulation.Nodes.Single(node => node.Handle.Id == speaker.Node.Id);
        world.Simulation.Post(node, speaker.Impostor, words, TimeSpan.Zero);
        world.Simulation.Run(wait ?? TimeSpan.FromSeconds(2));
    }
}
