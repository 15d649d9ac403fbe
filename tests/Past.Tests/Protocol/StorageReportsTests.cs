using P2P.Past;
using P2P.Past.Protocol;
using P2P.Past.Wire;
using P2P.Pastry;
using Past.Tests.Cache;

namespace Past.Tests.Protocol;

/// <summary>What a node believes of its neighbours' room.</summary>
public sealed class StorageReportsTests : IAsyncDisposable
{
    private static readonly NodeHandle Ann = Node("ann");

    private readonly MemoryReplicaStore _store = new(1 << 20);
    private readonly FakeOverlay _overlay = new(Node("self"));
    private readonly StorageReports _reports;

    public StorageReportsTests()
    {
        _reports = new StorageReports(_store);
        _reports.OnJoined(Ann, _overlay);
    }

    public ValueTask DisposeAsync() => _store.DisposeAsync();

    [Fact]
    public void Neighbor_that_changes_its_role_all_the_time_is_believed_once_a_minute()
    {
        var changes = 0;
        for (var second = 0; second < 600; second++)
        {
            changes += Say(capacityBytes: second % 2) ? 1 : 0;
            changes += Pass(TimeSpan.FromSeconds(1));
        }

        Assert.InRange(changes, 5, 11);
    }

    [Fact]
    public void Last_word_of_a_neighbor_counts_in_the_end()
    {
        Assert.True(Say(capacityBytes: 0));
        Assert.True(_reports.IsAccessPoint(Ann, _overlay));
        Assert.False(Say(capacityBytes: 100));
        Assert.True(_reports.IsAccessPoint(Ann, _overlay));
        Assert.Equal(0, Pass(TimeSpan.FromSeconds(59)));
        Assert.Equal(1, Pass(TimeSpan.FromSeconds(1)));
        Assert.False(_reports.IsAccessPoint(Ann, _overlay));
        Assert.Equal(0, _reports.AccessPointCount);
    }

    [Fact]
    public void Neighbor_that_has_refused_is_not_taken_to_have_as_much_room_until_it_reports_or_a_minute_has_passed()
    {
        Say(capacityBytes: 1_000);
        _reports.OnRefused(Ann, contentLength: 50, _overlay);
        Assert.True(_reports.HasRefused(Ann, contentLength: 50, _overlay));
        Assert.False(_reports.HasRefused(Ann, contentLength: 49, _overlay));
        Say(capacityBytes: 1_000);
        Assert.False(_reports.HasRefused(Ann, contentLength: 50, _overlay));

        _reports.OnRefused(Ann, contentLength: 50, _overlay);
        Pass(TimeSpan.FromMinutes(1));
        Assert.False(_reports.HasRefused(Ann, contentLength: 50, _overlay));
    }

    [Fact]
    public void Refusal_of_a_node_that_is_no_neighbor_is_not_remembered()
    {
        _reports.OnRefused(Node("bob"), contentLength: 50, _overlay);
        Assert.False(_reports.HasRefused(Node("bob"), contentLength: 50, _overlay));
    }

    private static NodeHandle Node(string name) => new(NodeId.FromText(name), 1, [new NodeAddress(name, 4000)]);

    private bool Say(long capacityBytes) => _reports.OnNotice(Ann, new StorageNotice(capacityBytes, capacityBytes, asksBack: false), _overlay);

    /// <summary>Lets time pass.</summary>
    /// <returns>How many timers have changed a role meanwhile.</returns>
    private int Pass(TimeSpan span)
    {
        _overlay.Now += span;
        var due = _overlay.Timers.RemoveAll(timer => timer.Token == TimerTokens.NeighborRole && timer.Due <= _overlay.Now);
        return Enumerable.Range(0, due).Count(_ => _reports.ExpireRoles(_overlay));
    }
}
