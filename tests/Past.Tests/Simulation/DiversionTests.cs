using P2P.Past;

namespace Past.Tests.Simulation;

/// <summary>Nodes that run out of room: A should hold a file, B holds it in A's stead, C would take A's place (PAST §3.3).</summary>
public class DiversionTests
{
    private const int Replicas = 3;
    private const int Capacity = 1_000_000;

    private static readonly PastOptions Options = new() { MaintenanceInterval = TimeSpan.FromSeconds(20) };

    public static TheoryData<ulong, int, int> Cases
    {
        get
        {
            var cases = new TheoryData<ulong, int, int>();
            for (var seed = 1u; seed <= 3; seed++)
            {
                for (var rank = 0; rank < Replicas; rank++)
                {
                    cases.Add(seed, rank, 1000);
                    cases.Add(seed, rank, 45_000);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Full_holder_finds_a_neighbor_and_answers_for_the_replica(ulong seed, int rank, int length)
    {
        var (world, file, a) = Diverted(seed, rank, length);
        var b = DivertedTo(world, file);

        Assert.False(a.Store.Contains(file.Id));
        Assert.DoesNotContain(b, world.ClosestTo(file));
        Assert.Equal(Replicas, world.HoldersOf(file.Id).Length);
        foreach (var client in world.Alive.Where(member => member.Node.IsReady))
        {
            AssertFound(world, client, file);
        }

        world.Simulation.Run(TimeSpan.FromMinutes(3));
        Assert.Equal(Replicas, world.HoldersOf(file.Id).Length);
        Assert.Contains(b, world.HoldersOf(file.Id));
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void File_is_found_where_the_diverted_replica_is_the_last(ulong seed, int rank, int length)
    {
        var (world, file, a) = Diverted(seed, rank, length);
        foreach (var holder in world.ClosestTo(file).Where(holder => holder != a))
        {
            holder.Node.Crash();
        }

        AssertFound(world, world.Pick(), file);
        AwaitReplicas(world, file);
        AssertFound(world, world.Pick(), file);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Replica_is_made_anew_when_the_node_that_held_it_dies(ulong seed, int rank, int length)
    {
        var (world, file, a) = Diverted(seed, rank, length);
        DivertedTo(world, file).Node.Crash();
        AwaitReplicas(world, file);
        Assert.False(a.Store.Contains(file.Id) && length > a.Store.Usage.FreeBytes);
        AssertFound(world, world.Pick(), file);
        AssertSettled(world, file);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Nothing_is_lost_and_nothing_is_left_over_when_the_full_holder_dies(ulong seed, int rank, int length)
    {
        var (world, file, a) = Diverted(seed, rank, length);
        a.Node.Crash();
        AwaitReplicas(world, file);
        AssertFound(world, world.Pick(), file);
        AssertSettled(world, file);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Full_heir_has_the_diverted_replica_confirmed_or_made_anew_when_the_full_holder_dies(ulong seed, int rank, int length)
    {
        var (world, file, a) = Diverted(seed, rank, length);
        world.Fill(HeirOf(world, file), freeBytes: length / 2);
        world.Simulation.Run(TimeSpan.FromSeconds(30));
        var count = world.HoldersOf(file.Id).Length;
        a.Node.Crash();
        world.Simulation.Run(TimeSpan.FromMinutes(3));

        // It was told of the replica, which proves nothing: its holder says so itself, if it has noticed by then whose place the heir has taken.
        Assert.Equal(count, world.HoldersOf(file.Id).Length);
        AssertFound(world, world.Pick(), file);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Full_heir_finds_a_neighbor_for_a_lost_replica_whoever_is_named_as_its_source(ulong seed, int rank, int length)
    {
        // One of the k has no more than a pointer; content that does not come within a message may be said to lie there, once it is no newcomer.
        var (world, file, a) = Diverted(seed, rank, length);
        world.Fill(HeirOf(world, file), freeBytes: length / 2);
        world.Simulation.Run(TimeSpan.FromMinutes(6));
        world.ClosestTo(file).First(holder => holder != a).Node.Crash();
        AwaitReplicas(world, file);
        AssertSettled(world, file);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Full_holder_and_its_heir_die_and_the_replica_counts_still(ulong seed, int rank, int length)
    {
        var (world, file, a) = Diverted(seed, rank, length);
        HeirOf(world, file).Node.Crash();
        world.Simulation.Run(TimeSpan.FromSeconds(30));
        a.Node.Crash();
        AwaitReplicas(world, file);
        AssertFound(world, world.Pick(), file);
        AssertSettled(world, file);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Full_holder_that_comes_back_learns_where_its_replica_is(ulong seed, int rank, int length)
    {
        var (world, file, a) = Diverted(seed, rank, length);
        a.Node.Crash();
        AwaitReplicas(world, file);
        a = world.Restart(a, withDisk: true);
        world.Simulation.Run(TimeSpan.FromMinutes(3));
        Assert.True(a.Node.IsReady);
        AssertFound(world, a, file);
        AssertSettled(world, file);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Lost_replica_of_a_full_holder_is_noticed(ulong seed, int rank, int length)
    {
        var (world, file, _) = Diverted(seed, rank, length);
        Assert.True(DivertedTo(world, file).Store.DeleteAsync(file.Id).AsTask().IsCompletedSuccessfully);
        AwaitReplicas(world, file);
        AssertSettled(world, file);
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Reclaim_reaches_the_diverted_replica(ulong seed, int rank, int length)
    {
        var (world, file, a) = Diverted(seed, rank, length);
        var b = DivertedTo(world, file);
        var result = world.Simulation.Run(
            async () => await Store(world).ReclaimAsync(file.Certificate, TestFiles.Owner), TimeSpan.FromMinutes(5));
        var reclaimed = Assert.IsType<ReclaimResult.Reclaimed>(result);

        // The full holder has answered for the replica, and who held it gives it up as well.
        Assert.All(world.ClosestTo(file), member => Assert.Contains(reclaimed.Receipts, receipt => receipt.Holder == member.Node.Handle.Id && receipt.FreedBytes == length));
        Assert.All(reclaimed.Receipts, receipt => Assert.Contains(world.MemberOf(receipt.Holder)!, (Member[])[.. world.ClosestTo(file), b]));
        Assert.False(a.Store.Contains(file.Id));
        world.Simulation.Run(TimeSpan.FromSeconds(10));
        Assert.Empty(world.HoldersOf(file.Id));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Holder_that_comes_late_gets_content_through_a_coordinator_that_has_no_more_than_a_pointer(ulong seed)
    {
        // Maintenance would bring the replica as well, later.
        var options = Options with { MaintenanceInterval = TimeSpan.FromHours(1) };
        var (world, file, _) = Diverted(seed, length: 45_000, options, 0, 2);
        var late = world.ClosestTo(file)[1];
        Assert.True(late.Store.DeleteAsync(file.Id).AsTask().IsCompletedSuccessfully);

        // Of a client next to it, the holder would get the content without the coordinator; and another try may find another one.
        var client = world.MemberOf(world.Oracle.Closest(file.Id.RoutingKey, world.Alive.Count())[^1].Id)!;
        var begin = world.Simulation.Now;
        var insert = client.Insert(file);
        world.Await(insert);
        world.AssertStored(insert);
        Assert.True(world.Simulation.Now - begin < options.OperationTimeout, $"seed {seed}: it took more than one try");
        Assert.Contains(late, world.HoldersOf(file.Id));
        Assert.Equal(Replicas, world.HoldersOf(file.Id).Length);
    }

    [Fact]
    public void Insert_is_refused_where_no_neighbor_has_room_and_another_salt_finds_a_place()
    {
        var world = Formed(seed: 4);
        var content = TestFiles.Content(30_000);
        foreach (var full in world.Alive.Take(8))
        {
            world.Fill(full, freeBytes: 20_000);
        }

        // Whether the first place has room is chance; with so many tries some have none.
        var before = world.Alive.ToDictionary(member => member, member => member.Store.Usage.Count);
        var stored = 0;
        for (var i = 0; i < 20; i++)
        {
            var number = i;
            var result = world.Simulation.Run(
                async () => await Store(world).InsertAsync($"file {number}", TestFiles.Owner, ContentSource.FromBytes(content), new InsertOptions { ReplicaCount = Replicas }),
                TimeSpan.FromMinutes(10));
            stored += Assert.IsType<InsertResult.Stored>(result).Receipts.Length;
        }

        world.Simulation.Run(TimeSpan.FromMinutes(1));
        Assert.Equal(stored, world.Alive.Sum(member => member.Store.Usage.Count - before[member]));
    }

    [Fact]
    public void Salts_of_ones_own_are_taken_in_turn_so_that_ids_can_be_computed_again()
    {
        var world = Formed(seed: 6);
        foreach (var full in world.Alive.Take(18))
        {
            world.Fill(full, freeBytes: 20_000);
        }

        var places = new HashSet<int>();
        for (var number = 0; number < 20; number++)
        {
            ReadOnlyMemory<byte>[] salts = [.. Enumerable.Range(0, 4).Select(salt => new ReadOnlyMemory<byte>([(byte)number, (byte)salt]))];
            var content = ContentSource.FromBytes(TestFiles.Content(30_000, number));
            var result = world.Simulation.Run(
                async () => await Store(world).InsertAsync("file", TestFiles.Owner, content, new InsertOptions { ReplicaCount = Replicas, Salts = salts }),
                TimeSpan.FromMinutes(10));
            FileId[] ids = [.. salts.Select(salt => FileId.Compute("file", TestFiles.Owner.PublicKey, salt.Span))];
            places.Add(Array.IndexOf(ids, Assert.IsType<InsertResult.Stored>(result).FileId));
        }

        Assert.DoesNotContain(-1, places);
        Assert.True(places.Count > 1);
    }

    [Fact]
    public void A_salt_that_was_used_for_another_file_is_refused()
    {
        var world = Formed(seed: 7);
        var options = new InsertOptions { ReplicaCount = Replicas, Salts = [new byte[] { 1 }] };
        InsertResult?[] results = [.. Enumerable.Range(0, 2).Select(number => world.Simulation.Run(
            async () => await Store(world).InsertAsync("file", TestFiles.Owner, ContentSource.FromBytes(TestFiles.Content(1000, number)), options), TimeSpan.FromMinutes(10)))];
        Assert.IsType<InsertResult.Stored>(results[0]);
        Assert.Equal(StoreRefusal.FileIdExists, Assert.IsType<InsertResult.Refused>(results[1]).Reason);
    }

    [Fact]
    public void What_fits_nowhere_is_refused_and_leaves_nothing_behind()
    {
        var world = Formed(seed: 5);
        var result = world.Simulation.Run(
            async () => await Store(world).InsertAsync("large", TestFiles.Owner, ContentSource.FromBytes(TestFiles.Content(Capacity)), new InsertOptions { ReplicaCount = Replicas }),
            TimeSpan.FromMinutes(10));
        Assert.Equal(StoreRefusal.NoRoom, Assert.IsType<InsertResult.Refused>(result).Reason);
        world.Simulation.Run(TimeSpan.FromMinutes(1));
        Assert.All(world.Alive, member => Assert.Equal(0, member.Store.Usage.Count));
    }

    [Fact]
    public void Repeated_insert_of_a_diverted_file_gets_receipts_again()
    {
        for (var rank = 0; rank < Replicas; rank++)
        {
            var (world, file, a) = Diverted(seed: 6, rank, 1000);
            var again = world.Pick().Insert(file);
            world.Await(again);
            world.AssertStored(again);
            Assert.Contains(again.Result!.Receipts, receipt => receipt.Holder == a.Node.Handle.Id);
            Assert.Equal(Replicas, world.HoldersOf(file.Id).Length);
        }
    }

    [Fact]
    public void Node_without_storage_routes_and_holds_nothing()
    {
        var world = new PastWorld(seed: 7, past: Options);
        world.Grow(10);
        world.CapacityBytes = 0;
        world.Grow(10);
        var accessPoints = world.Alive.Where(member => member.Store.Usage.CapacityBytes == 0).ToArray();
        Assert.Equal(10, accessPoints.Length);
        var files = Enumerable.Range(0, 30).Select(i => world.InsertStored($"file {i}")).ToArray();
        Assert.All(files, file => Assert.Equal(Replicas, world.HoldersOf(file.Id).Length));
        Assert.All(files, file => AssertFound(world, accessPoints[0], file));

        // The death of one that holds is made up for by one that holds.
        world.HoldersOf(files[0].Id)[0].Node.Crash();
        world.Simulation.Run(TimeSpan.FromSeconds(40));
        Assert.All(files, file => Assert.Equal(Replicas, world.HoldersOf(file.Id).Length));
        world.Simulation.Run(TimeSpan.FromMinutes(2));
        Assert.All(files, file => Assert.Equal(Replicas, world.HoldersOf(file.Id).Length));
    }

    [Fact]
    public void Hundreds_of_files_fill_a_ring_of_unequal_nodes_and_survive_a_tenth_of_them()
    {
        var world = new PastWorld(seed: 8, past: Options);
        for (var i = 0; i < 6; i++)
        {
            world.CapacityBytes = 40_000 * (i + 1);
            world.Grow(8);
        }

        var inserts = Enumerable.Range(0, 300).Select(i => world.Pick().Insert(world.NewFile($"file {i}", Replicas, 1000 + 37 * i))).ToArray();
        world.Await(inserts);
        var files = inserts.Where(insert => insert.Result is InsertResult.Stored).Select(insert => insert.File).ToArray();
        Assert.All(files, file => Assert.True(world.HoldersOf(file.Id).Length >= Replicas, $"{file.Id} has {world.HoldersOf(file.Id).Length}"));
        var diverted = files.Sum(file => world.ClosestTo(file).Count(member => !member.Store.Contains(file.Id)));
        Assert.True(diverted > 50, $"{diverted} of {files.Length} diverted");

        for (var i = 0; i < 4; i++)
        {
            world.Pick().Node.Crash();
            world.Simulation.Run(TimeSpan.FromSeconds(60));
        }

        Assert.All(files, file => AssertFound(world, world.Pick(), file));
    }

    private static PastWorld Formed(ulong seed, PastOptions? options = null)
    {
        var world = new PastWorld(seed, past: options ?? Options) { CapacityBytes = Capacity };
        world.Grow(24);
        return world;
    }

    /// <summary>Makes nodes that should hold a file full, and inserts it.</summary>
    internal static (PastWorld World, SimulatedFile File, Member A) Diverted(ulong seed, int rank, int length) => Diverted(seed, length, Options, rank);

    internal static (PastWorld World, SimulatedFile File, Member A) Diverted(ulong seed, int length, PastOptions options, params int[] ranks)
    {
        var world = Formed(seed, options);
        var file = world.NewFile("diverted", Replicas, length);
        var a = world.ClosestTo(file)[ranks[0]];
        foreach (var rank in ranks)
        {
            world.Fill(world.ClosestTo(file)[rank], freeBytes: length / 2);
        }

        world.Simulation.Run(TimeSpan.FromSeconds(1));
        var insert = world.Pick().Insert(file);
        world.Await(insert);
        world.AssertStored(insert);
        Assert.Contains(insert.Result!.Receipts, receipt => receipt.Holder == a.Node.Handle.Id);
        return (world, file, a);
    }

    internal static Member DivertedTo(PastWorld world, SimulatedFile file) => Assert.Single(world.HoldersOf(file.Id), holder => !world.ClosestTo(file).Contains(holder));

    /// <summary>Gives the node that takes the place of one of the k that dies.</summary>
    private static Member HeirOf(PastWorld world, SimulatedFile file) => world.MemberOf(world.Oracle.Closest(file.Id.RoutingKey, Replicas + 1)[Replicas].Id)!;

    private static PastStore Store(PastWorld world) => (PastStore)world.Pick().Node.Modules[0];

    private static void AssertFound(PastWorld world, Member client, SimulatedFile file)
    {
        var lookup = world.Find(client, file.Id);
        Assert.True(lookup.Outcome == SimulatedOutcome.Found, $"seed {world.Simulation.Seed}: {lookup.Outcome} {lookup.Failure}");
        Assert.Equal(file.Content, lookup.Content);
    }

    private static void AwaitReplicas(PastWorld world, SimulatedFile file) => Assert.True(
        world.Simulation.RunUntil(() => world.HoldersOf(file.Id).Length >= Replicas, TimeSpan.FromMinutes(2)),
        $"seed {world.Simulation.Seed}: {world.HoldersOf(file.Id).Length} replicas");

    /// <summary>Asserts that it stays at k replicas once all is quiet.</summary>
    private static void AssertSettled(PastWorld world, SimulatedFile file)
    {
        world.Simulation.Run(TimeSpan.FromMinutes(2));
        Assert.True(
            world.HoldersOf(file.Id).Length == Replicas,
            $"seed {world.Simulation.Seed}: held by {string.Join(", ", world.HoldersOf(file.Id).Select(member => member.Node.Handle.Id.ToString("s", null)))}, should be {string.Join(", ", world.ClosestTo(file).Select(member => member.Node.Handle.Id.ToString("s", null)))}");
    }
}
