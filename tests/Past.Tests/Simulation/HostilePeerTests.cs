using P2P.Past;
using P2P.Past.Wire;
using P2P.Pastry;

namespace Past.Tests.Simulation;

/// <summary>What peers achieve that speak out of turn or in others' names.</summary>
public class HostilePeerTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Search_in_a_stranger_s_name_brings_the_stranger_an_invitation_and_no_content(bool takesAnswer)
    {
        var (world, attacker) = FormedWithImpostor(seed: 1);
        var (victim, victimNode) = Join(world);
        var file = world.InsertStored("wanted", length: 30_000);
        Speak(world, attacker, overlay =>
        {
            overlay.Route(file.Id.RoutingKey, Payload.FromContent(new LookupSearch(file.Id, thorough: false, 7, victimNode, takesAnswer)));
            overlay.Route(file.Id.RoutingKey, Payload.FromContent(new InsertSearch(file.Id, 3, 8, victimNode)));
        });
        Assert.NotEmpty(victim.Heard.OfType<Invitation>());
        Assert.All(victim.Heard, message => Assert.IsNotType<LookupFound>(message));
        Assert.All(victim.Heard, message => Assert.IsNotType<InsertAccepted>(message));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Search_that_comes_from_its_client_brings_the_answer_where_the_client_takes_it(bool takesAnswer)
    {
        var (world, client) = FormedWithImpostor(seed: 4);
        var file = world.InsertStored("wanted", length: 30_000);
        Assert.DoesNotContain(world.HoldersOf(file.Id), holder => holder.Node.Handle.Id == client.Node.Id);
        Speak(world, client, overlay =>
            overlay.Route(file.Id.RoutingKey, Payload.FromContent(new LookupSearch(file.Id, thorough: false, 7, client.Node, takesAnswer))));
        Assert.Equal(takesAnswer ? 1 : 0, client.Impostor.Heard.OfType<LookupFound>().Count(found => found.Operation == 7));
        Assert.Equal(takesAnswer ? 0 : 1, client.Impostor.Heard.OfType<Invitation>().Count(invitation => invitation.Operation == 7));
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
                    overlay.Send(holder.Node.Handle, Payload.FromContent(new ReplicaOfferReply([], [file.Id], [])));
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
    [InlineData(4)]
    [InlineData(3)]
    [InlineData(99)]
    public void Refusal_of_a_node_that_was_not_named_ends_no_insert(byte refusal)
    {
        var (world, attacker) = FormedWithImpostor(seed: 4);
        world.DiskTime = TimeSpan.FromSeconds(1);
        var (accomplice, accompliceNode) = Join(world);
        var file = Enumerable.Range(0, 1000).Select(i => world.NewFile($"file {i}")).First(file =>
            world.Oracle.Closest(file.Id.RoutingKey, 8).All(near => near.Id != attacker.Node.Id)
            && world.Oracle.Closest(file.Id.RoutingKey, 3).Skip(1).Any(near => near.Id == accompliceNode.Id));
        var hasSpoken = false;
        accomplice.Answer = message =>
        {
            if (message is not StoreRequest store)
            {
                return [];
            }

            // A named holder tells the attacker what only the client and its holders know.
            world.Simulation.Schedule(TimeSpan.Zero, () => Tell(world, attacker, overlay =>
                overlay.Send(store.Client, Payload.FromContent(new StoreReply(store.Operation, file.Id, (RefusalCode)refusal, receipt: null)))));
            hasSpoken = true;
            var receipt = StoreReceipt.Create(store.Certificate, SeededKeys.Get(4, 26), TestFiles.Created);
            return [new StoreReply(store.Operation, file.Id, RefusalCode.None, receipt)];
        };
        var insert = world.Pick().Insert(file);
        world.Await(insert);
        world.AssertStored(insert);
        Assert.True(hasSpoken);
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

        Assert.False(insert.HasEnded);
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

    private static void Speak(PastWorld world, (Impostor Impostor, NodeHandle Node) speaker, Action<IOverlay> words, TimeSpan? wait = null)
    {
        world.Simulation.Schedule(TimeSpan.Zero, () => Tell(world, speaker, words));
        world.Simulation.Run(wait ?? TimeSpan.FromSeconds(2));
    }

    private static void Tell(PastWorld world, (Impostor Impostor, NodeHandle Node) speaker, Action<IOverlay> words) =>
        world.Simulation.Find(speaker.Node.Id)!.Post(speaker.Impostor, words);
}
