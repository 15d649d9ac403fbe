using P2P.Past;
using P2P.Past.Wire;
using P2P.Pastry;

namespace Past.Tests.Simulation;

/// <summary>How inserts and lookups end that can't succeed, and what liars achieve.</summary>
public class OutcomeTests
{
    [Fact]
    public void Another_file_of_the_same_id_is_refused()
    {
        var world = PastWorld.Formed(20, seed: 1);
        var file = world.InsertStored("taken");
        var other = TestFiles.Content(500, seed: 77);
        var refused = Ended(world, new SimulatedFile(TestFiles.Certify(other, "taken"), other));

        Assert.Equal(file.Id, refused.File.Id);
        AssertRefused(StoreRefusal.FileIdExists, refused);
        var lookup = world.Find(world.Pick(), file.Id);
        Assert.Equal(file.Content, lookup.Content);
    }

    [Fact]
    public void Two_files_of_the_same_id_that_go_in_together_do_not_both_succeed()
    {
        for (var seed = 1u; seed <= 10; seed++)
        {
            var world = PastWorld.Formed(20, seed);
            var file = world.NewFile("raced");
            var other = TestFiles.Content(500, seed: 77);
            var first = world.Pick().Insert(file);
            world.Simulation.Run(TimeSpan.FromMilliseconds(world.Simulation.NextRandom(100)));
            var second = world.Pick().Insert(new SimulatedFile(TestFiles.Certify(other, "raced"), other));
            world.Await(first, second);
            Assert.False(first.Result is InsertResult.Stored && second.Result is InsertResult.Stored, $"seed {seed}");
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(12)]
    [InlineData(18)]
    [InlineData(40)]
    public void More_replicas_than_a_leaf_set_can_answer_for_are_refused(int replicas)
    {
        var world = PastWorld.Formed(60, seed: 2, PastWorld.Quick with { LeafSetSize = 16 });
        var insert = Ended(world, world.NewFile("too many", replicas));

        // Up to l/2 + 1 is promised; a few more may fit where the id lies well.
        Assert.True(insert.Result is InsertResult.Stored || (insert.Result is InsertResult.Refused { Reason: StoreRefusal.TooManyReplicas }), $"{insert.Result}");
        Assert.True(replicas < 18 || insert.Result is InsertResult.Refused);
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(2, 3)]
    [InlineData(5, 7)]
    [InlineData(8, 9)]
    public void More_replicas_than_nodes_are_refused(int nodes, int replicas)
    {
        var world = PastWorld.Formed(nodes, seed: 3);
        AssertRefused(StoreRefusal.TooFewNodes, Ended(world, world.NewFile("too few", replicas)));
    }

    [Fact]
    public void Forged_certificate_is_refused_before_any_node_is_asked_to_store()
    {
        var world = PastWorld.Formed(20, seed: 4);
        var content = TestFiles.Content(500);
        var certificate = TestFiles.Certify(content, "forged");
        foreach (var forgery in (FileCertificate[])[Forge(certificate), TestFiles.Steal(certificate)])
        {
            var forged = Ended(world, new SimulatedFile(forgery, content));
            AssertRefused(StoreRefusal.BadCertificate, forged);
            Assert.Equal(0, world.AskedCountOf(forged.File.Id));
            Assert.Empty(world.HoldersOf(forged.File.Id));
        }
    }

    [Fact]
    public void Content_that_is_not_the_certificate_s_is_refused()
    {
        var world = PastWorld.Formed(20, seed: 5);
        var liar = new Impostor();
        var node = world.AddImpostor(liar);
        node.Join(world.Simulation.Nodes[0]);
        Assert.True(world.Simulation.RunUntilReady([node], TimeSpan.FromMinutes(1)));
        var file = Enumerable.Range(0, 1000).Select(i => world.NewFile($"corrupt {i}"))
            .First(file => world.Oracle.Closest(file.Id.RoutingKey, 8).All(near => near.Id != node.Handle.Id));
        var corrupt = (byte[])file.Content.Clone();
        corrupt[7] ^= 1;
        liar.Answer = message => message is Invitation invitation ? [new InsertRequest(invitation.Operation, file.Certificate, corrupt)] : [];
        Action<IOverlay> search = overlay => overlay.Route(file.Id.RoutingKey, Payload.FromContent(new InsertSearch(file.Id, file.Replicas, 7, node.Handle)));
        world.Simulation.Schedule(TimeSpan.Zero, () => node.Post(liar, search));
        world.Simulation.Run(TimeSpan.FromSeconds(5));

        var replies = liar.Heard.OfType<StoreReply>().ToArray();
        Assert.Equal(file.Replicas, replies.Length);
        Assert.All(replies, reply => Assert.Equal(RefusalCode.CorruptContent, reply.Refusal));
        Assert.Empty(world.HoldersOf(file.Id));
    }

    [Fact]
    public void Full_stores_refuse()
    {
        var world = new PastWorld(seed: 6) { CapacityBytes = 5000 };
        world.Grow(5);
        AssertRefused(StoreRefusal.NoRoom, Ended(world, world.NewFile("large", replicas: 5, length: 6000)));
        world.InsertStored("small", replicas: 5, length: 3000);
        AssertRefused(StoreRefusal.NoRoom, Ended(world, world.NewFile("one too many", replicas: 5, length: 3000)));
    }

    [Fact]
    public void Lie_about_a_file_is_seen_and_other_holders_are_asked()
    {
        for (var seed = 1u; seed <= 5; seed++)
        {
            foreach (var lie in (Lie[])[Lie.OtherContent, Lie.OtherFile, Lie.ForgedCertificate, Lie.StolenId, Lie.Absent, Lie.AbsentHere])
            {
                var (world, liar, node, file) = FormedWithLiar(seed);
                var other = TestFiles.Content(file.Content.Length, seed: 99);
                var otherFile = TestFiles.Certify(other, "another file");
                var forged = Forge(file.Certificate);
                liar.Answer = message => message switch
                {
                    LookupSearch search => [new Invitation(search.Operation)],
                    LookupRequest lookup => [lie switch
                    {
                        Lie.OtherContent => new LookupFound(lookup.Operation, file.Certificate, other, []),
                        Lie.OtherFile => new LookupFound(lookup.Operation, otherFile, other, []),
                        Lie.StolenId => new LookupFound(lookup.Operation, TestFiles.Steal(file.Certificate), file.Content, []),
                        Lie.ForgedCertificate => new LookupFound(lookup.Operation, forged, file.Content, []),
                        Lie.AbsentHere => new LookupAbsent(lookup.Operation, [node]),
                        _ => new LookupAbsent(lookup.Operation, []),
                    }],
                    _ => [],
                };
                SimulatedLookup[] lookups = [.. world.Alive.Where(member => !member.Store.Contains(file.Id)).Select(member => member.Lookup(file.Id))];
                var begin = world.Simulation.Now;
                world.Await(lookups);
                Assert.All(lookups, lookup => Assert.True(
                    lookup.Outcome == SimulatedOutcome.Found && file.Content.AsSpan().SequenceEqual(lookup.Content),
                    $"seed {seed}, {lie}: {lookup.Outcome} after {world.Simulation.Now - begin}"));
                Assert.NotEmpty(liar.Heard.OfType<LookupRequest>());
            }
        }
    }

    [Fact]
    public void Receipts_that_are_not_the_holder_s_own_do_not_count()
    {
        var own = SeededKeys.Get(1, 12345);
        foreach (var lie in (Lie[])[Lie.OtherSigner, Lie.OtherFile, Lie.ForgedReceipt, Lie.Silence])
        {
            var world = new PastWorld(seed: 7, past: new PastOptions { OperationTimeout = TimeSpan.FromSeconds(2), OperationAttemptsMax = 2 });
            var liar = new Impostor();
            world.Grow(4);
            var liarNode = world.AddImpostor(liar);
            liarNode.Join(world.Simulation.Nodes[0]);
            Assert.True(world.Simulation.RunUntilReady([liarNode], TimeSpan.FromMinutes(1)));
            var liarKey = SeededKeys.Get(7, 4);
            Assert.Equal(liarKey.PublicKey.NodeId, liarNode.Handle.Id);
            var another = TestFiles.Certify([1], "another");
            liar.Answer = message => message is StoreRequest store
                ? lie switch
                {
                    Lie.OtherSigner => [Receipt(store, StoreReceipt.Create(store.Certificate, own, TestFiles.Created))],
                    Lie.OtherFile => [Receipt(store, StoreReceipt.Create(another, liarKey, TestFiles.Created))],
                    Lie.ForgedReceipt => [Receipt(store, Forge(StoreReceipt.Create(store.Certificate, liarKey, TestFiles.Created)))],
                    _ => [],
                }
                : [];
            var insert = Ended(world, world.NewFile("five of five", replicas: 5));
            var result = Assert.IsType<InsertResult.Indeterminate>(insert.Result);
            Assert.Equal(4, result.Receipts.Length);
            Assert.DoesNotContain(result.Receipts, receipt => receipt.Holder == liarNode.Handle.Id);
        }
    }

    [Fact]
    public void Reason_of_a_later_release_is_asked_again_and_then_given_as_unknown()
    {
        var world = new PastWorld(seed: 7, past: new PastOptions { OperationTimeout = TimeSpan.FromSeconds(2), OperationAttemptsMax = 2 });
        var later = new Impostor();
        world.Grow(4);
        var node = world.AddImpostor(later);
        node.Join(world.Simulation.Nodes[0]);
        Assert.True(world.Simulation.RunUntilReady([node], TimeSpan.FromMinutes(1)));
        later.Answer = message => message is StoreRequest store
            ? [new StoreReply(store.Operation, store.Certificate.FileId, (RefusalCode)99, receipt: null)]
            : [];
        var insert = Ended(world, world.NewFile("five of five", replicas: 5));

        var refused = Assert.IsType<InsertResult.Refused>(insert.Result);
        Assert.Equal((StoreRefusal.Unknown, node.Handle), (refused.Reason, refused.By));
        Assert.Equal(4, refused.Receipts.Length);
        Assert.Equal(2, later.Heard.OfType<StoreRequest>().Count());
    }

    [Fact]
    public void Receipt_that_comes_many_times_counts_once()
    {
        var world = new PastWorld(seed: 7);
        var liar = new Impostor();
        world.Grow(4);
        var liarNode = world.AddImpostor(liar);
        liarNode.Join(world.Simulation.Nodes[0]);
        Assert.True(world.Simulation.RunUntilReady([liarNode], TimeSpan.FromMinutes(1)));
        liar.Answer = message => message is StoreRequest store
            ? Enumerable.Repeat(Receipt(store, StoreReceipt.Create(store.Certificate, SeededKeys.Get(7, 4), TestFiles.Created)), 5)
            : [];
        world.DiskTime = TimeSpan.FromSeconds(1);
        var insert = world.Alive.First().Insert(world.NewFile("five of five", replicas: 5));
        world.Simulation.Run(TimeSpan.FromSeconds(0.9));
        Assert.Equal(1, insert.Receipts);
        world.Await(insert);
        world.AssertStored(insert);
    }

    [Fact]
    public void Coordinator_that_names_fewer_holders_than_k_is_not_believed()
    {
        var world = new PastWorld(seed: 8, past: new PastOptions { OperationTimeout = TimeSpan.FromSeconds(2), OperationAttemptsMax = 3 });
        var liar = new Impostor();
        world.Grow(4);
        var liarNode = world.AddImpostor(liar);
        var liarKey = SeededKeys.Get(8, 4);
        liarNode.Join(world.Simulation.Nodes[0]);
        Assert.True(world.Simulation.RunUntilReady([liarNode], TimeSpan.FromMinutes(1)));
        liar.Answer = message => message switch
        {
            InsertSearch search => [new Invitation(search.Operation)],
            InsertRequest insert =>
            [
                new InsertAccepted(insert.Operation, [liarNode.Handle, liarNode.Handle, liarNode.Handle]),
                new StoreReply(insert.Operation, insert.Certificate.FileId, RefusalCode.None, StoreReceipt.Create(insert.Certificate, liarKey, TestFiles.Created)),
            ],
            _ => [],
        };
        var file = NextTo(world, liarNode.Handle.Id);
        var insert = world.Alive.First(member => member.Node.IsReady).Insert(file);
        world.Await(insert);
        Assert.False(insert.Result is InsertResult.Stored && insert.Result.Receipts.Select(receipt => receipt.Holder).Distinct().Count() < 3);
    }

    private static StoreReply Receipt(StoreRequest store, StoreReceipt receipt) =>
        new(store.Operation, store.Certificate.FileId, RefusalCode.None, receipt);

    /// <summary>Forms a ring in which the node closest to a file is a liar that joined after the file had been stored.</summary>
    private static (PastWorld World, Impostor Liar, NodeHandle Node, SimulatedFile File) FormedWithLiar(ulong seed)
    {
        var world = PastWorld.Formed(25, seed);
        var liar = new Impostor();
        var node = world.AddImpostor(liar);
        node.Join(world.Simulation.Nodes[0]);
        Assert.True(world.Simulation.RunUntilReady([node], TimeSpan.FromMinutes(1)));
        world.Simulation.Run(TimeSpan.FromSeconds(5));
        var file = NextTo(world, node.Handle.Id);
        var key = file.Id.RoutingKey;
        Assert.Equal(node.Handle.Id, world.Oracle.Root(key).Id);

        // As an honest holder it would send a receipt; the other two really hold the file.
        liar.Answer = message => message is StoreRequest store ? [Receipt(store, StoreReceipt.Create(store.Certificate, SeededKeys.Get(seed, 25), TestFiles.Created))] : [];
        var client = world.MemberOf(world.Oracle.Closest(key, 2)[1].Id)!;
        var insert = client.Insert(file);
        world.Await(insert);
        world.AssertStored(insert);
        return (world, liar, node.Handle, file);
    }

    private static SimulatedFile NextTo(PastWorld world, NodeId node)
    {
        for (var i = 0; ; i++)
        {
            var content = TestFiles.Content(1000, seed: i + 1);
            var certificate = TestFiles.Certify(content, $"beside {i}");
            if (world.Oracle.Root(certificate.FileId.RoutingKey).Id == node)
            {
                return world.Know(new SimulatedFile(certificate, content));
            }
        }
    }

    private static SimulatedInsert Ended(PastWorld world, SimulatedFile file)
    {
        var insert = world.Pick().Insert(file);
        world.Await(insert);
        return insert;
    }

    private static void AssertRefused(StoreRefusal reason, SimulatedInsert insert)
    {
        Assert.True(insert.Result is InsertResult.Refused, $"{insert.Result}");
        Assert.Equal(reason, ((InsertResult.Refused)insert.Result!).Reason);
    }

    private static FileCertificate Forge(FileCertificate certificate)
    {
        Assert.True(FileCertificate.TryRead(Forge([.. certificate.Encoded]), out var forged));
        Assert.False(forged.Verify());
        return forged;
    }

    private static StoreReceipt Forge(StoreReceipt receipt)
    {
        Assert.True(StoreReceipt.TryRead(Forge([.. receipt.Encoded]), out var forged));
        Assert.False(forged.Verify());
        return forged;
    }

    /// <summary>The signature stands last.</summary>
    private static byte[] Forge(byte[] encoded)
    {
        encoded[^1] ^= 1;
        return encoded;
    }

    private enum Lie
    {
        OtherContent,
        OtherFile,
        ForgedCertificate,
        StolenId,
        Absent,
        AbsentHere,
        OtherSigner,
        ForgedReceipt,
        Silence,
    }
}
