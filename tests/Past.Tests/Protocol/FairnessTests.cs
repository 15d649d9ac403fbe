using P2P.Past;
using P2P.Past.Protocol;
using P2P.Pastry;

namespace Past.Tests.Protocol;

/// <summary>Shares of queues and of places to work.</summary>
public class FairnessTests
{
    private static readonly NodeId Self = NodeId.FromText("self");
    private static readonly NodeId Flood = NodeId.FromText("flood");
    private static readonly NodeId Honest = NodeId.FromText("honest");

    [Fact]
    public void Lines_take_turns()
    {
        var queue = new FairQueue<string, int>();
        foreach (var (line, item) in (ReadOnlySpan<(string, int)>)[("a", 1), ("a", 2), ("a", 3), ("b", 4), ("c", 5), ("b", 6)])
        {
            queue.Enqueue(line, item);
        }

        Assert.True(queue.TryDequeue(line => line != "a", out var first));
        var order = new List<int> { first };
        while (queue.TryDequeue(out var next))
        {
            order.Add(next);
        }

        Assert.Equal([4, 1, 5, 6, 2, 3], order);
        Assert.Equal(0, queue.Count);
    }

    [Fact]
    public async Task One_peer_takes_a_quarter_of_a_queue_and_others_pass_it()
    {
        var gate = new TaskCompletionSource();
        var done = new List<string>();
        var work = new BackgroundWork(activeMax: 1, waitingMax: 100, job => Task.Run(job), _ => Assert.Fail("Nothing fails."));
        Assert.True(work.TryStart(Flood, () => gate.Task));
        var taken = Enumerable.Range(0, 1000).Count(_ => work.TryStart(Flood, () => Done("flood")));
        Assert.Equal(25, taken);
        Assert.True(work.TryStart(Honest, () => Done("honest")));
        Assert.True(work.TryStart(() => Done("own")));
        gate.SetResult();
        await work.DisposeAsync();
        Assert.Equal(27, done.Count);
        Assert.Equal(["flood", "honest", "own", "flood"], done.Take(4));

        Task Done(string who)
        {
            done.Add(who);
            return Task.CompletedTask;
        }
    }

    [Fact]
    public void One_peer_takes_its_share_of_the_places_to_fetch_and_one_owner_its()
    {
        var lane = new TransferLane(activeMax: 16, peerActiveMax: 4, ownerActiveMax: 8);
        using var own = SigningKey.Create();
        using var others = SigningKey.Create();
        using var unused = SigningKey.Create();
        Assert.Equal(4, Started(lane, 10, Flood, own).Count);
        var second = Started(lane, 10, NodeId.FromText("accomplice"), own);
        Assert.Equal(4, second.Count);
        Assert.Empty(Started(lane, 10, NodeId.FromText("third"), own));
        Assert.Equal(4, Started(lane, 4, Honest, others).Count);

        // By way of this very node as coordinator, the client's share counts.
        Assert.Empty(Started(lane, 1, Self, unused, client: Flood));
        lane.End(second[0]);
        Assert.True(lane.TryStart(out _));
    }

    [Fact]
    public void Transfer_that_is_taken_back_leaves_its_place_to_others()
    {
        var lane = new TransferLane(activeMax: 1, peerActiveMax: 1, ownerActiveMax: 1);
        using var key = SigningKey.Create();
        Transfer[] transfers = [.. Enumerable.Range(0, 3).Select(number => NewTransfer(number, Flood, key, Flood, content: null))];
        foreach (var transfer in transfers)
        {
            lane.Enqueue(transfer);
        }

        Assert.True(lane.TryStart(out var started));
        Assert.Same(transfers[0], started);
        Assert.False(lane.TryWithdraw(started));
        Assert.True(lane.TryWithdraw(transfers[1]));
        Assert.False(lane.TryWithdraw(transfers[1]));
        Assert.Equal(1, lane.WaitingCountOf(Flood));
        lane.End(started);
        Assert.True(lane.TryStart(out started));
        Assert.Same(transfers[2], started);
        Assert.Equal(0, lane.WaitingCount);
        lane.End(started);
        Assert.False(lane.TryStart(out _));
    }

    [Fact]
    public void Queue_is_bounded_in_bytes()
    {
        var lane = new TransferLane(1, 1, 1);
        using var key = SigningKey.Create();
        var content = new byte[48 * 1024];
        var taken = 0;
        while (NewTransfer(taken, Flood, key, Flood, content) is var transfer && lane.HasRoom(transfer, 1 << 20, 1 << 20))
        {
            lane.Enqueue(transfer);
            taken++;
        }

        Assert.InRange(taken * 48, 60 * 1024, 64 * 1024);
        Assert.True(lane.HasRoom(NewTransfer(taken, Honest, key, Honest, content), 1 << 20, 1 << 20));
    }

    /// <summary>Lets a peer ask for many transfers, and starts those that may go on.</summary>
    private static List<Transfer> Started(TransferLane lane, int count, NodeId from, SigningKey owner, NodeId? client = null)
    {
        for (var i = 0; i < count; i++)
        {
            lane.Enqueue(NewTransfer(i, from, owner, client ?? from, content: null));
        }

        var started = new List<Transfer>();
        while (lane.TryStart(out var transfer))
        {
            started.Add(transfer);
        }

        return started;
    }

    private static Transfer NewTransfer(int number, NodeId from, SigningKey owner, NodeId client, byte[]? content)
    {
        var certificate = FileCertificate.Create($"{from} {number}", owner, ContentTree.Compute([]), 3, [1], TestFiles.Created);
        return new Transfer(new KeepReplica(certificate, content is null ? null : new ReadOnlyMemory<byte>(content), []), from, client, Self);
    }
}
