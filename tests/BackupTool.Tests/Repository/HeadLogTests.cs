using BackupTool.Repository;
using P2P.Past.Simulation;

namespace BackupTool.Tests.Repository;

/// <summary>What changes in a store whose files never do, in virtual time and with a hundred nodes.</summary>
public sealed class HeadLogTests : IDisposable
{
    private static readonly TimeSpan Limit = TimeSpan.FromHours(1);

    private readonly string _memory = Path.Join(Path.GetTempPath(), Path.GetRandomFileName());
    private PastSimulation _world = new();

    public void Dispose()
    {
        if (Directory.Exists(_memory))
        {
            Directory.Delete(_memory, recursive: true);
        }
    }

    [Fact]
    public void A_machine_that_knows_nothing_finds_the_last_of_many_states()
    {
        Begin(seed: 1);
        _world.Run(
            async () =>
            {
                using var one = await CreateAsync("one");
                for (var number = 0; number < 40; number++)
                {
                    var name = $"{number}";
                    await one.Heads.ChangeAsync(catalog => catalog with { Indexes = [.. catalog.Indexes.Union([name])] }, default);
                    if (number % 13 == 0)
                    {
                        using var other = await OpenAsync(one, $"new {number}");
                        Assert.Equal(number + 1, (await other.Heads.ReadAsync(default)).Indexes.Count);
                    }
                }
            },
            Limit);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public void Of_many_who_change_it_at_once_nobody_loses_anything(ulong seed)
    {
        Begin(seed);
        _world.Run(
            async () =>
            {
                using var first = await CreateAsync("first");
                var writers = new List<BackupRepository>();
                for (var writer = 0; writer < 5; writer++)
                {
                    writers.Add(await OpenAsync(first, $"writer {writer}"));
                }

                await Task.WhenAll(writers.Select(async (repository, writer) =>
                {
                    for (var number = 0; number < 5; number++)
                    {
                        var name = $"{writer}.{number}";
                        await repository.Heads.ChangeAsync(catalog => catalog with { Indexes = [.. catalog.Indexes.Union([name])] }, default);
                    }
                }));
                var catalog = await first.Heads.ReadAsync(default);
                Assert.Equal(25, catalog.Indexes.Distinct().Count());
                Assert.Equal(25, catalog.Indexes.Count);
                writers.ForEach(repository => repository.Dispose());
            },
            Limit);
    }

    [Fact]
    public void A_ring_that_shows_less_than_before_is_found_out()
    {
        Begin(seed: 7);
        _world.Run(
            async () =>
            {
                using var one = await CreateAsync("one");
                new LocalMemory(Path.Join(_memory, "one", one.Id.ToString())).RememberHead(5);
                using var again = await OpenAsync(one, "one");
                var exception = await Assert.ThrowsAsync<BackupException>(() => again.Heads.ReadAsync(default));
                Assert.Contains("has seen state 5", exception.Message, StringComparison.Ordinal);
            },
            Limit);
    }

    [Fact]
    public void States_outlive_the_nodes_that_held_them()
    {
        Begin(seed: 8);
        _world.Run(
            async () =>
            {
                using var one = await CreateAsync("one");
                for (var number = 0; number < 10; number++)
                {
                    var name = $"{number}";
                    await one.Heads.ChangeAsync(catalog => catalog with { Indexes = [.. catalog.Indexes.Union([name])] }, default);
                    foreach (var holder in _world.HoldersOf(one.Id).Take(2))
                    {
                        holder.Crash();
                    }

                    await Task.Delay(TimeSpan.FromMinutes(2), _world.Overlay.Time);
                }

                using var other = await OpenAsync(one, "other");
                Assert.Equal(10, (await other.Heads.ReadAsync(default)).Indexes.Count);
            },
            Limit);
    }

    private void Begin(ulong seed)
    {
        _world = new PastSimulation(new() { Overlay = new() { Seed = seed } });
        Assert.True(_world.Grow(100));
    }

    private Task<BackupRepository> CreateAsync(string machine) =>
        BackupRepository.CreateAsync(_world.AnyStore(), "passphrase", new() { MemoryKiB = 8 * 1024, Passes = 1 }, Path.Join(_memory, machine), _world.Overlay.Time, default);

    private Task<BackupRepository> OpenAsync(BackupRepository repository, string machine) =>
        BackupRepository.OpenAsync(_world.AnyStore(), repository.Id, "passphrase", Path.Join(_memory, machine), _world.Overlay.Time, default);
}
