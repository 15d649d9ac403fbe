using P2P.Past;
using P2P.Past.Protocol;
using P2P.Past.Wire;
using P2P.Pastry;

namespace Past.Tests.Protocol;

/// <summary>Which replicas go to whom first, how many at a time and how fast.</summary>
public class RepairQueueTests
{
    private static readonly NodeHandle Ann = Node("ann");
    private static readonly NodeHandle Ben = Node("ben");
    private static readonly NodeHandle Cid = Node("cid");

    private readonly QueueOverlay _overlay = new();

    [Fact]
    public void File_with_the_fewest_replicas_goes_first()
    {
        var queue = Queue(new PastOptions { RepairsMax = 1 });
        Add(queue, Ann, 1);
        Add(queue, Ann, 2);
        Add(queue, Ann, 3);
        Add(queue, Ben, 3);
        Add(queue, Cid, 3);
        Add(queue, Ben, 2);

        Assert.Equal([("ann", File(1))], _overlay.TakeReads());
        var order = new List<(string, FileId)>();
        for (var (to, file) = (Ann, File(1)); ;)
        {
            Arrive(queue, to, file);
            if (_overlay.TakeReads() is not [var next])
            {
                break;
            }

            order.Add(next);
            (to, file) = (Node(next.To), next.File);
        }

        // Three nodes lack file 3, two lack file 2.
        Assert.Equal([File(3), File(3), File(3), File(2), File(2)], order.Select(read => read.Item2));
        Assert.Equal(5, order.Distinct().Count());
    }

    [Fact]
    public void What_a_newcomer_takes_over_waits_behind_what_is_lost()
    {
        var queue = Queue(new PastOptions { RepairsMax = 1 });
        Add(queue, Ann, 1, isNewcomer: true);
        Add(queue, Ann, 2, isNewcomer: true);
        Add(queue, Ben, 3);
        Assert.Equal([("ann", File(1))], _overlay.TakeReads());
        Arrive(queue, Ann, File(1));
        Assert.Equal([("ben", File(3))], _overlay.TakeReads());
        Arrive(queue, Ben, File(3));
        Assert.Equal([("ann", File(2))], _overlay.TakeReads());
    }

    [Fact]
    public void Content_is_fetched_from_holders_that_have_it_each_in_turn()
    {
        var queue = Queue(new PastOptions { RepairsMax = 1 });
        var newcomers = new Newcomers(TimeSpan.FromMinutes(5));
        var dan = Node("dan");
        newcomers.Note(Cid, NeighborChange.Joined, _overlay.Now);
        for (var file = 0; file < 20; file++)
        {
            Add(queue, Ann, file);
        }

        // Ann lacks them, Cid is new.
        FileId[] files = [.. Enumerable.Range(0, 20).Select(number => FileId.Parse(number.ToString("x32", System.Globalization.CultureInfo.InvariantCulture) + "00000000"))];
        Assert.Equal(["ben", "dan"], files.Select(file => Source(file, Ben, dan, Cid)).Distinct().Order());
        Assert.All(Enumerable.Range(0, 20), number => Assert.Equal("ben", Source(File(number), Ann, Ben, Cid)));
        Assert.Equal(_overlay.Self.Addresses[0].Host, Source(File(1), Ann, Cid));

        string Source(FileId file, params NodeHandle[] holders) => queue.ChooseSource(file, holders, newcomers, _overlay).Addresses[0].Host;
    }

    [Fact]
    public void Many_are_on_their_way_but_few_to_one_node()
    {
        var queue = Queue(new PastOptions { RepairsMax = 10 });
        for (var file = 0; file < 20; file++)
        {
            Add(queue, Ann, file);
            Add(queue, Ben, 100 + file);
            Add(queue, Ben, 100 + file);
        }

        var reads = _overlay.TakeReads();
        Assert.Equal(10, reads.Length);
        Assert.InRange(reads.Count(read => read.To == "ann"), 2, 8);
        foreach (var (to, file) in reads)
        {
            Arrive(queue, Node(to), file);
        }

        Assert.Equal(10, _overlay.TakeReads().Length);
    }

    [Fact]
    public void What_does_not_arrive_or_can_not_be_read_gives_its_place_back()
    {
        var queue = Queue(new PastOptions { RepairsMax = 1 });
        Add(queue, Ann, 1);
        Add(queue, Ann, 2);
        Add(queue, Ann, 3);
        Assert.Equal([("ann", File(1))], _overlay.TakeReads());
        queue.OnRead(Ann.Id, File(1), length: null, _overlay);
        Assert.Equal([("ann", File(2))], _overlay.TakeReads());
        queue.OnRead(Ann.Id, File(2), length: 5, _overlay);
        Assert.Empty(_overlay.TakeReads());
        Pass(queue, 2 * new PastOptions().StallTimeout + TimeSpan.FromSeconds(1));
        Assert.Equal([("ann", File(3))], _overlay.TakeReads());
        Pass(queue, new PastOptions().StallTimeout);
        Pass(queue, TimeSpan.FromSeconds(1));
        Assert.Equal(default, _overlay.Effects.OfType<RepairsProgressed>().Last().Progress);
    }

    [Fact]
    public void Long_content_keeps_its_place_for_as_long_as_it_may_take()
    {
        var options = new PastOptions { RepairsMax = 1, TransferRateMin = 1_000 };
        var queue = Queue(options);
        Add(queue, Ann, 1);
        Add(queue, Ann, 2);
        Assert.Equal([("ann", File(1))], _overlay.TakeReads());
        queue.OnRead(Ann.Id, File(1), length: 500_000, _overlay);
        Pass(queue, TimeSpan.FromSeconds(250));
        Assert.Empty(_overlay.TakeReads());
        queue.OnEnded(Ann.Id, File(1), RefusalCode.None, _overlay);
        Assert.Equal([("ann", File(2))], _overlay.TakeReads());
        Pass(queue, TimeSpan.FromSeconds(1));
        Assert.Equal(500_000, _overlay.Effects.OfType<RepairsProgressed>().Last().Progress.BytesGiven);
        queue.OnRead(Ann.Id, File(2), length: 500_000, _overlay);
        Add(queue, Ben, 3);
        Pass(queue, TimeSpan.FromSeconds(499) + 2 * options.StallTimeout);
        Assert.Empty(_overlay.TakeReads());
        Pass(queue, TimeSpan.FromSeconds(1));
        Add(queue, Ben, 3);
        Assert.Equal([("ben", File(3))], _overlay.TakeReads());
    }

    [Fact]
    public void Node_that_is_gone_gives_its_places_back()
    {
        var queue = Queue(new PastOptions { RepairsMax = 2 });
        for (var file = 0; file < 4; file++)
        {
            Add(queue, Ann, file);
        }

        Add(queue, Ben, 1);
        Add(queue, Ben, 7);
        Assert.Equal(2, _overlay.TakeReads().Length);
        queue.OnRead(Ann.Id, File(0), length: 1L << 40, _overlay);
        queue.OnGone(Ann.Id, _overlay);
        Assert.Equal([("ben", File(1)), ("ben", File(7))], _overlay.TakeReads());
        Arrive(queue, Ann, File(0));
        Arrive(queue, Ben, File(1));
        Arrive(queue, Ben, File(7));
        Pass(queue, TimeSpan.FromSeconds(2));
        Assert.Equal(new RepairProgress(Waiting: 0, UnderWay: 0, ReplicasGiven: 2, BytesGiven: 1_000, BytesPerSecond: 0), _overlay.Effects.OfType<RepairsProgressed>().Last().Progress with { BytesPerSecond = 0 });
    }

    [Fact]
    public void What_has_waited_for_too_long_is_not_sent()
    {
        var queue = Queue(new PastOptions { RepairsMax = 1 });
        Add(queue, Ann, 1);
        Add(queue, Ann, 2);
        _overlay.TakeReads();
        _overlay.Now += TimeSpan.FromMinutes(6);
        Arrive(queue, Ann, File(1));
        Assert.Empty(_overlay.TakeReads());
        Add(queue, Ann, 2);
        Assert.Equal([("ann", File(2))], _overlay.TakeReads());
    }

    [Fact]
    public void Content_goes_out_no_faster_than_its_owner_allows()
    {
        var queue = Queue(new PastOptions { RepairRateMax = 1_000 });
        for (var file = 0; file < 10; file++)
        {
            Add(queue, Ann, file);
            Add(queue, Ben, file);
        }

        var (begin, last) = (_overlay.Now, _overlay.Now);
        var sent = 0;
        while (_overlay.TakeReads() is [var (to, file)])
        {
            sent++;
            last = _overlay.Now;
            queue.OnRead(Node(to).Id, file, length: 500, _overlay);
            queue.OnEnded(Node(to).Id, file, RefusalCode.None, _overlay);
            for (var wait = 0; wait < 3 && _overlay.Effects.OfType<ReadReplica>().FirstOrDefault() is null; wait++)
            {
                _overlay.Now = _overlay.Due;
                queue.Expire(_overlay);
            }
        }

        Assert.Equal(20, sent);
        Assert.InRange((last - begin).TotalSeconds, 19 * 0.5, 12);
    }

    [Fact]
    public void Progress_is_told_once_a_second_and_when_all_is_done()
    {
        var queue = Queue(new PastOptions { RepairsMax = 1 });
        for (var file = 0; file < 3; file++)
        {
            Add(queue, Ann, file);
        }

        for (var file = 0; file < 3; file++)
        {
            _overlay.Now += TimeSpan.FromSeconds(0.5);
            Arrive(queue, Ann, File(file));
        }

        Pass(queue, TimeSpan.FromSeconds(2));
        Pass(queue, TimeSpan.FromSeconds(2));
        var told = _overlay.Effects.OfType<RepairsProgressed>().Select(effect => effect.Progress).ToArray();
        Assert.InRange(told.Length, 2, 5);
        Assert.Contains(told, progress => progress.BytesPerSecond > 0);
        Assert.Equal(new RepairProgress(Waiting: 0, UnderWay: 0, ReplicasGiven: 3, BytesGiven: 1_500, BytesPerSecond: 0), told[^1]);
    }

    [Fact]
    public void One_node_does_not_take_all_places_to_wait()
    {
        var queue = Queue(new PastOptions { RepairsMax = 1 });
        for (var file = 0; file < 70_000; file++)
        {
            Add(queue, Ann, file);
        }

        Add(queue, Ben, 1);
        _overlay.Now += TimeSpan.FromSeconds(2);
        Arrive(queue, Ann, File(0));
        Assert.InRange(_overlay.Effects.OfType<RepairsProgressed>().Last().Progress.Waiting, 16_384, 16_385);
    }

    private static RepairQueue Queue(PastOptions options) => new(options);

    private static NodeHandle Node(string name) => new(NodeId.FromText(name), 1, [new NodeAddress(name, 4000)]);

    private static FileId File(int number) => FileId.Parse(number.ToString("x40", System.Globalization.CultureInfo.InvariantCulture));

    private void Add(RepairQueue queue, NodeHandle to, int file, bool isNewcomer = false) =>
        queue.Add(to, new StoredReplica(File(file), 5), isNewcomer, _overlay.Now + TimeSpan.FromMinutes(5), _overlay);

    private void Arrive(RepairQueue queue, NodeHandle to, FileId file)
    {
        queue.OnRead(to.Id, file, length: 500, _overlay);
        queue.OnEnded(to.Id, file, RefusalCode.None, _overlay);
    }

    private void Pass(RepairQueue queue, TimeSpan span)
    {
        _overlay.Now += span;
        queue.Expire(_overlay);
    }
}
