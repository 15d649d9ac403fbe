using P2P.Past;
using P2P.Past.Wire;
using P2P.Pastry;
using Xunit.Abstractions;

namespace Past.Tests.Simulation;

/// <summary>Copies come where files are asked for, and are no replicas (PAST §4).</summary>
public class CacheTests(ITestOutputHelper output)
{
    private static readonly CacheOptions None = new() { CapacityBytes = 0 };

    /// <summary>Digits of two bits, so that ways of a few hundred nodes are as long as those of thousands.</summary>
    private static readonly PastryOptions LongWays = PastWorld.Quick with { BitsPerDigit = 2 };

    [Theory]
    [InlineData(1, 1_000, 0.2)]
    [InlineData(2, 1_000, 0.2)]
    [InlineData(3, 300_000, 0.2)]
    [InlineData(4, 1_000, 0.02)]
    public void File_that_everybody_asks_for_is_given_by_those_who_asked(ulong seed, int length, double pauseSeconds)
    {
        var pause = TimeSpan.FromSeconds(pauseSeconds);
        var with = AskEverybody(seed, length, pause, new CacheOptions());
        var without = AskEverybody(seed, length, pause, None);
        output.WriteLine($"seed {seed}: {with.Hits} of 200 answers came from caches, {Show(with)}; without: {Show(without)}");

        Assert.Equal(0, without.Hits);
        Assert.True(with.Hits > 100, $"seed {seed}: {with.Hits} answers came from caches");
        Assert.True(with.ReadsOfHolders.Max() < without.ReadsOfHolders.Max() / 2, $"seed {seed}: {Show(with)}, without {Show(without)}");

        static string Show((int[] ReadsOfHolders, long Hits) asked) => $"the holders read their replicas {string.Join(", ", asked.ReadsOfHolders)} times";
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Same_seed_gives_the_same_caches(ulong seed)
    {
        var (first, second) = (Run(), Run());
        Assert.Equal(first, second);
        Assert.Contains(first, cache => cache.Hits > 0);
        Assert.Contains(first, cache => cache.Evictions > 0);

        CacheStatistics[] Run()
        {
            var world = PastWorld.Formed(60, seed, LongWays, change: options => options with { ThroughCodec = true }, cache: new CacheOptions { CapacityBytes = 8_000 });
            var files = Enumerable.Range(0, 20).Select(i => world.InsertStored($"file {i}")).ToArray();
            AskAtRandom(world, files, 300);
            return [.. world.Alive.Select(member => member.Cache)];
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Copies_are_no_replicas(ulong seed)
    {
        var past = new PastOptions { MaintenanceInterval = TimeSpan.FromSeconds(20) };
        var world = PastWorld.Formed(60, seed, LongWays, past);
        var files = Enumerable.Range(0, 20).Select(i => world.InsertStored($"file {i}")).ToArray();
        world.RunUntilWhole(TimeSpan.FromMinutes(2), files);
        world.Simulation.Run(TimeSpan.FromMinutes(2));
        var used = world.Alive.Select(member => member.Store.Usage).ToArray();
        var kept = world.KeptCount;

        AskAtRandom(world, files, 300);
        world.Simulation.Run(TimeSpan.FromMinutes(2));
        Assert.True(world.Alive.Sum(member => member.Copies.Usage.Count) > 100);
        Assert.Equal(used, world.Alive.Select(member => member.Store.Usage));
        Assert.Equal(kept, world.KeptCount);
        Assert.Equal(0, world.CountSurplus(files));

        // Where all holders of a file go, copies of it don't make it stored again.
        foreach (var holder in world.HoldersOf(files[0].Id))
        {
            holder.Node.Crash();
        }

        var left = files.Where(file => world.HoldersOf(file.Id).Length > 0).ToArray();
        world.Simulation.Run(TimeSpan.FromMinutes(2));
        world.RunUntilWhole(TimeSpan.FromMinutes(2), left);
        Assert.All(files.Except(left), file => Assert.Empty(world.HoldersOf(file.Id)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Caches_keep_to_their_room_and_what_is_asked_for_most(ulong seed)
    {
        var world = PastWorld.Formed(60, seed, LongWays, cache: new CacheOptions { CapacityBytes = 8_000 });
        var files = Enumerable.Range(0, 40).Select(i => world.InsertStored($"file {i}")).ToArray();
        for (var i = 0; i < 500; i++)
        {
            var lookup = world.Find(world.Pick(), files[i % 2 == 0 ? 0 : world.Simulation.NextRandom(files.Length)].Id);
            Assert.Equal(SimulatedOutcome.Found, lookup.Outcome);
            Assert.All(world.Alive, member => Assert.InRange(member.Copies.Usage.UsedBytes, 0, 8_000));
        }

        var evictions = world.Alive.Sum(member => member.Cache.Evictions);
        Assert.True(evictions > 20, $"seed {seed}: {evictions} copies went");
        var copies = files.Select(file => world.Alive.Count(member => member.Copies.Contains(file.Id))).ToArray();
        Assert.True(copies[0] > 2 * copies[1..].Average(), $"seed {seed}: {string.Join(", ", copies)}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Replicas_push_copies_out_and_are_never_refused_for_their_sake(ulong seed)
    {
        var world = new PastWorld(seed, LongWays) { CapacityBytes = 60_000 };
        world.Grow(20);
        var files = Enumerable.Range(0, 60).Select(i => world.InsertStored($"file {i}")).ToArray();
        AskAtRandom(world, files, 300);
        var evictionsBefore = world.Alive.Sum(member => member.Cache.Evictions);
        Assert.True(world.Alive.Sum(member => member.Copies.Usage.UsedBytes) > 100_000);
        var more = Enumerable.Range(60, 60).Select(i => world.InsertStored($"file {i}")).ToArray();
        world.Simulation.Run(TimeSpan.FromSeconds(5));

        Assert.Empty(world.Missing([.. files, .. more]));
        Assert.All(world.Alive, member => Assert.InRange(member.Copies.Usage.UsedBytes, 0, member.Store.Usage.FreeBytes));
        Assert.True(world.Alive.Sum(member => member.Cache.Evictions) > evictionsBefore);
    }

    [Theory]
    [InlineData(1, 1_000)]
    [InlineData(2, 600_000)]
    public void Damaged_copy_is_never_given_out_and_goes(ulong seed, int length)
    {
        var world = PastWorld.Formed(60, seed, LongWays);
        var file = world.InsertStored("hot", length: length);
        AskAtRandom(world, [file], 60);
        var caches = world.Alive.Where(member => member.Copies.Contains(file.Id)).ToArray();
        Assert.NotEmpty(caches);
        foreach (var cache in caches)
        {
            cache.Copies.Corrupt(file.Id, length / 2);
        }

        AskAtRandom(world, [file], 120);
        output.WriteLine($"seed {seed}: of {caches.Length} damaged copies {caches.Count(IsDamaged)} were not asked for");
        Assert.True(caches.Count(IsDamaged) < caches.Length);
        Assert.Equal(0, world.CountSurplus(file));

        bool IsDamaged(Member member) => member.Copies.Contains(file.Id) && member.Copies.VerifyAsync(file.Id).AsTask().Result == ReplicaCondition.Corrupt;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void What_its_owner_takes_back_is_in_caches_for_no_longer_than_their_copies_live(ulong seed)
    {
        var world = PastWorld.Formed(60, seed, LongWays, cache: new CacheOptions { CopyLifetime = TimeSpan.FromMinutes(10) });
        var file = world.InsertStored("taken back");
        AskAtRandom(world, [file], 40);
        var owner = world.Alive.First(member => member.Copies.Contains(file.Id));
        owner.Reclaim(file);
        world.Simulation.Run(TimeSpan.FromSeconds(10));
        Assert.Empty(world.HoldersOf(file.Id));
        Assert.False(owner.Copies.Contains(file.Id));
        Assert.Contains(world.Alive, member => member.Copies.Contains(file.Id));

        // Copies are made of copies meanwhile, and are as old as these.
        for (var minute = 0; minute < 10; minute++)
        {
            world.Find(world.Pick(), file.Id);
            world.Simulation.Run(TimeSpan.FromMinutes(1));
        }

        Assert.DoesNotContain(world.Alive, member => member.Copies.Contains(file.Id));
        Assert.Equal(SimulatedOutcome.NotFound, world.Find(world.Pick(), file.Id).Outcome);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Cache_that_gives_no_content_does_not_hide_a_file(ulong seed)
    {
        var world = PastWorld.Formed(40, seed, LongWays);
        var file = world.InsertStored("large", length: 600_000);

        // It says that it has the file, shows the certificate, names its own kind as other holders, and opens no stream.
        var liars = Enumerable.Range(0, 5).Select(_ => new Accomplice(world)).ToArray();
        NodeHandle[] names = [.. liars.Select(liar => liar.Node)];
        foreach (var liar in liars)
        {
            liar.Impostor.Answer = message => message switch
            {
                LookupSearch { FileId: var id, Operation: var operation } when id == file.Id => [new Invitation(operation)],
                LookupRequest { FileId: var id, Operation: var operation } when id == file.Id => [new LookupFound(operation, file.Certificate, null, names)],
                _ => [],
            };
        }

        var lookups = world.Alive.Select(member => member.Lookup(file.Id)).ToArray();
        world.Await(lookups);
        var found = lookups.Count(lookup => lookup.Outcome == SimulatedOutcome.Found);
        var lies = liars.Sum(liar => liar.Impostor.Heard.OfType<LookupRequest>().Count());
        output.WriteLine($"seed {seed}: {found} of {lookups.Length} found the file; {lies} lies");
        Assert.True(lies > 0, $"seed {seed}: no search passed a liar");
        Assert.True(found == lookups.Length, $"seed {seed}: {found} of {lookups.Length} found the file");
    }

    [Fact]
    public void Hints_that_nobody_waits_for_have_nobody_asked_for_copies()
    {
        var world = PastWorld.Formed(25, seed: 1);
        var file = world.NewFile("pushed");
        var (attacker, victim) = (new Accomplice(world), new Accomplice(world));
        attacker.Say(TimeSpan.FromSeconds(5), world.Alive.SelectMany(member => Enumerable.Repeat(
            (member.Node.Handle, (PastMessage)new CacheHint(file.Id, file.Content.Length, victim.Node)), 100)));
        Assert.Empty(victim.Impostor.Heard.OfType<CopyRequest>());
        Assert.Empty(attacker.Impostor.Heard.OfType<CopyRequest>());
    }

    private static (int[] ReadsOfHolders, long Hits) AskEverybody(ulong seed, int length, TimeSpan pause, CacheOptions cache)
    {
        var world = PastWorld.Formed(200, seed, LongWays, cache: cache);
        var file = world.InsertStored("hot", length: length);
        var lookups = new List<SimulatedLookup>();
        foreach (var member in world.Alive.ToArray())
        {
            lookups.Add(member.Lookup(file.Id));
            world.Simulation.Run(pause);
        }

        world.Await([.. lookups]);
        Assert.All(lookups, lookup => Assert.Equal(file.Content, lookup.Content));
        return ([.. world.HoldersOf(file.Id).Select(holder => holder.ReadCount)], world.Alive.Sum(member => member.Cache.Hits));
    }

    private static void AskAtRandom(PastWorld world, SimulatedFile[] files, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var file = files[world.Simulation.NextRandom(files.Length)];
            var lookup = world.Find(world.Pick(), file.Id);
            Assert.True(lookup.Outcome == SimulatedOutcome.Found, $"seed {world.Simulation.Seed}: {lookup.Outcome} {lookup.Failure}");
            Assert.Equal(file.Content, lookup.Content);
        }
    }
}
