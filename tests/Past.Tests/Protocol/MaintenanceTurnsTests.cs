using P2P.Past;
using P2P.Past.Protocol;
using P2P.Pastry;
using Past.Tests.Cache;

namespace Past.Tests.Protocol;

/// <summary>Which goes when: going through replicas after a change, and the slow rounds.</summary>
public sealed class MaintenanceTurnsTests : IAsyncDisposable
{
    private static readonly PastOptions Options = new() { MaintenanceDelay = TimeSpan.FromMilliseconds(1), MaintenanceInterval = TimeSpan.FromSeconds(1) };

    private readonly MemoryReplicaStore _store = new(1 << 20);
    private readonly FakeOverlay _overlay = new(new NodeHandle(NodeId.FromText("self"), 1, [new NodeAddress("self", 4000)]));
    private readonly ReplicaMaintenance _maintenance;

    public MaintenanceTurnsTests()
    {
        var reports = new StorageReports(_store);
        var sets = new ReplicaSets(reports);
        var pointers = new ReplicaPointers(Options.PointersMax);
        var stewards = new StewardBook(_store, sets);
        var desk = new ReplicaDesk(_store, sets, pointers, stewards, new DiversionDesk(_store, reports, sets, pointers, Options), new RoomScout(_store, reports, Options), Options);
        _maintenance = new ReplicaMaintenance(_store, desk, sets, pointers, new PointerKeeper(_store, sets, pointers), stewards, Options);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public async Task Changes_without_end_keep_no_round_from_its_turn()
    {
        // Going through one page takes longer than until the next change.
        var content = TestFiles.Content(100);
        await _store.StoreAsync(TestFiles.Certify(content), content);
        _maintenance.Start(_overlay);
        for (var step = 0; step < 10_000; step++)
        {
            _overlay.Now += TimeSpan.FromMilliseconds(1);
            _maintenance.RoomChanged(_overlay);
            ExpireTimers();
        }

        // A round forgets what was reclaimed long ago, whatever else it does.
        Assert.InRange(_overlay.Effects.OfType<ForgetReclaimed>().Count(), 8, 11);
    }

    [Fact]
    public async Task What_comes_due_during_a_round_has_its_turn_after_it()
    {
        var content = TestFiles.Content(100);
        await _store.StoreAsync(TestFiles.Certify(content), content);
        _maintenance.Start(_overlay);
        for (var step = 0; step < 2_500; step++)
        {
            _overlay.Now += TimeSpan.FromMilliseconds(1);
            ExpireTimers();
        }

        Assert.Equal(3, _overlay.Effects.OfType<ForgetReclaimed>().Count());
    }

    private void ExpireTimers()
    {
        var due = _overlay.Timers.FindAll(timer => timer.Due <= _overlay.Now);
        _overlay.Timers.RemoveAll(timer => timer.Due <= _overlay.Now);
        foreach (var (token, _) in due)
        {
            if (token == TimerTokens.MaintenanceSweep)
            {
                _maintenance.Expire(_overlay);
            }
            else if (token == TimerTokens.MaintenancePage)
            {
                _maintenance.NextPage(_overlay);
            }
        }
    }
}
