using P2P.Past;
using P2P.Past.Protocol;
using P2P.Past.Wire;
using P2P.Pastry;

namespace Past.Tests.Cache;

/// <summary>What a node makes of hints, and of what it is given for them.</summary>
public class CacheDeskTests
{
    private static readonly byte[] Content = TestFiles.Content(1_000);
    private static readonly FileCertificate Certificate = TestFiles.Certify(Content);
    private static readonly FileId File1 = Certificate.FileId;

    private readonly FakeOverlay _overlay = new(Node(1));
    private readonly CacheDesk _desk;

    public CacheDeskTests()
    {
        var past = new PastOptions();
        var replicas = new MemoryReplicaStore(1 << 20);
        var reports = new StorageReports(replicas);
        var sets = new ReplicaSets(reports);
        var pointers = new ReplicaPointers(past.PointersMax);
        var replicaDesk = new ReplicaDesk(replicas, sets, pointers, new StewardBook(replicas, sets), new DiversionDesk(replicas, reports, sets, pointers, past), new RoomScout(replicas, reports, past), past);
        _desk = new CacheDesk(new CacheOptions { CapacityBytes = 100_000 }, past, replicas, replicaDesk);
    }

    [Fact]
    public void Hint_from_where_a_search_went_brings_a_copy_which_is_told_of_where_the_search_came_from()
    {
        Pass(File1, from: Node(2), to: Node(3));
        Hint(from: Node(3), File1, Content.Length, source: Node(4));
        var (source, request) = Assert.Single(_overlay.Sent);
        Assert.Equal(Node(4), source);
        var operation = Assert.IsType<CopyRequest>(request).Operation;

        _desk.Receive(Node(4), new LookupFound(operation, Certificate, Content, []), _overlay);
        _desk.Handle(new CopyChecked(Assert.IsType<CheckCopy>(_overlay.Effects[^1]), Valid: true), _overlay);
        Assert.Equal(Content, Assert.IsType<KeepCopy>(_overlay.Effects[^1]).Content!.Value.ToArray());
        Assert.False(_desk.Contains(File1, _overlay));
        _desk.Handle(new CopyKept(File1, IsKept: true), _overlay);

        Assert.True(_desk.Contains(File1, _overlay));
        var (told, message) = _overlay.Sent[^1];
        Assert.Equal(Node(2), told);
        Assert.Equal(Node(1), Assert.IsType<CacheHint>(message).Source);
    }

    [Fact]
    public void Hint_that_no_search_went_out_for_is_not_taken()
    {
        Hint(from: Node(3), File1, Content.Length, source: Node(3));
        Pass(File1, from: Node(2), to: Node(3));
        Hint(from: Node(4), File1, Content.Length, source: Node(4));
        Hint(from: Node(2), File1, Content.Length, source: Node(2));
        Hint(from: Node(3), CachePolicyTests.File(9), Content.Length, source: Node(3));
        Assert.Empty(_overlay.Sent);
    }

    [Fact]
    public void Hint_counts_once_and_not_for_ever()
    {
        Pass(File1, from: Node(2), to: Node(3));
        _overlay.Now += TimeSpan.FromMinutes(1);
        Hint(from: Node(3), File1, Content.Length, source: Node(3));
        Assert.Empty(_overlay.Sent);

        Pass(File1, from: Node(2), to: Node(3));
        Hint(from: Node(3), File1, Content.Length, source: Node(3));
        Hint(from: Node(3), File1, Content.Length, source: Node(5));
        Assert.Single(_overlay.Sent);
    }

    [Fact]
    public void What_is_not_cached_is_passed_on_as_it_was_told()
    {
        Pass(File1, from: Node(2), to: Node(3));
        Hint(from: Node(3), File1, length: 100_000, source: Node(4));
        var (told, message) = Assert.Single(_overlay.Sent);
        Assert.Equal(Node(2), told);
        Assert.Equal((100_000, Node(4)), (Assert.IsType<CacheHint>(message).Length, ((CacheHint)message).Source));
    }

    [Fact]
    public void Client_is_told_nothing_since_it_has_read_the_file()
    {
        Pass(File1, from: Node(2), to: Node(3), hops: 1);
        Hint(from: Node(3), File1, length: 100_000, source: Node(3));
        Assert.Empty(_overlay.Sent);

        Pass(File1, from: Node(2), to: Node(3), hops: 1);
        Hint(from: Node(3), File1, Content.Length, source: Node(3));
        var operation = Assert.IsType<CopyRequest>(Assert.Single(_overlay.Sent).Message).Operation;
        _desk.Receive(Node(3), new LookupFound(operation, Certificate, Content, []), _overlay);
        _desk.Handle(new CopyChecked(Assert.IsType<CheckCopy>(_overlay.Effects[^1]), Valid: true), _overlay);
        _desk.Handle(new CopyKept(File1, IsKept: true), _overlay);
        Assert.Single(_overlay.Sent);
    }

    [Theory]
    [InlineData("another length")]
    [InlineData("another file")]
    [InlineData("too old")]
    [InlineData("of somebody else")]
    [InlineData("not right")]
    [InlineData("absent")]
    [InlineData("silence")]
    public void What_is_not_as_it_was_announced_is_not_cached(string lie)
    {
        Pass(File1, from: Node(2), to: Node(3));
        Hint(from: Node(3), File1, lie == "another length" ? 999 : 1_000, source: Node(3));
        var operation = Assert.IsType<CopyRequest>(Assert.Single(_overlay.Sent).Message).Operation;
        var certificate = lie == "another file" ? TestFiles.Certify(Content, "another") : Certificate;
        var age = lie == "too old" ? TimeSpan.FromDays(1) : TimeSpan.Zero;
        PastMessage answer = lie == "absent" ? new LookupAbsent(operation, []) : new LookupFound(operation, certificate, Content, [], age);
        if (lie == "silence")
        {
            Assert.Equal((TimerTokens.Copy(operation), _overlay.Now + new PastOptions().OperationTimeout), Assert.Single(_overlay.Timers));
            _desk.ExpireFetch(operation);
        }

        _desk.Receive(lie == "of somebody else" ? Node(7) : Node(3), answer, _overlay);
        if (lie == "not right")
        {
            _desk.Handle(new CopyChecked(Assert.IsType<CheckCopy>(_overlay.Effects[^1]), Valid: false), _overlay);
            _overlay.Effects.Clear();
        }

        Assert.Empty(_overlay.Effects);
        Assert.Single(_overlay.Sent);
    }

    [Fact]
    public void Flood_of_hints_takes_a_neighbour_s_share_and_no_more()
    {
        for (var i = 0; i < 1000; i++)
        {
            Pass(CachePolicyTests.File(i), from: Node(2), to: Node(3));
            Hint(from: Node(3), CachePolicyTests.File(i), 1_000, source: Node(3));
        }

        Assert.Equal(new CacheOptions().FetchesMax / 4, _overlay.Sent.Count(sent => sent.Message is CopyRequest));
        Pass(File1, from: Node(2), to: Node(4));
        Hint(from: Node(4), File1, 1_000, source: Node(4));
        Assert.IsType<CopyRequest>(_overlay.Sent[^1].Message);
    }

    [Fact]
    public void Searches_of_one_neighbour_don_t_take_the_memory_of_all()
    {
        for (var i = 0; i < 20_000; i++)
        {
            Pass(CachePolicyTests.File(i), from: Node(2), to: Node(3));
        }

        Pass(File1, from: Node(5), to: Node(3));
        Hint(from: Node(3), File1, 1_000, source: Node(3));
        Assert.Single(_overlay.Sent);
        Hint(from: Node(3), CachePolicyTests.File(19_999), 1_000, source: Node(3));
        Assert.Single(_overlay.Sent);
    }

    [Fact]
    public void Copy_asked_for_is_given_to_who_asks_and_is_no_hit()
    {
        Keep();
        _desk.Receive(Node(8), new CopyRequest(77, File1), _overlay);
        Assert.Equal(new ReadReplica(77, Node(8), File1, IsForCopy: true), _overlay.Effects[^1]);
        _desk.Receive(Node(8), new CopyRequest(78, CachePolicyTests.File(1)), _overlay);
        Assert.Empty(Assert.IsType<LookupAbsent>(_overlay.Sent[^1].Message).Candidates);
        Assert.Equal(0, _desk.Counters.Hits);
    }

    [Fact]
    public void Copy_is_as_old_as_what_it_was_made_from_and_older_each_second()
    {
        Keep(TimeSpan.FromHours(23));
        _overlay.Now += TimeSpan.FromMinutes(30);
        Assert.Equal(TimeSpan.FromHours(23.5), _desk.AgeOf(File1, _overlay));
        Assert.Equal((TimerTokens.CopyExpiry, _overlay.Now + TimeSpan.FromMinutes(30)), _overlay.Timers[^1]);
        _overlay.Now += TimeSpan.FromMinutes(30);
        Assert.False(_desk.Contains(File1, _overlay));
        _desk.ExpireCopies(_overlay);
        Assert.Equal([File1], Assert.IsType<DropCopies>(_overlay.Effects[^1]).FileIds);
    }

    [Fact]
    public void Replica_takes_the_place_of_a_copy()
    {
        Keep();
        _desk.Stored(Certificate, Node(1), _overlay);
        Assert.False(_desk.Contains(File1, _overlay));
        Assert.Equal([File1], Assert.IsType<DropCopies>(_overlay.Effects[^1]).FileIds);
    }

    private static NodeHandle Node(byte number) => new(new NodeId(number), incarnation: 1, [new NodeAddress("192.0.2.1", number)]);

    private void Pass(FileId file, NodeHandle from, NodeHandle to, int hops = 2) => _desk.PassedOn(
        new ForwardedMessage { Key = file.RoutingKey, Hops = hops, PreviousHop = from, NextHop = to },
        new SearchHead(PastMessageKind.LookupSearch, file, ReplicaCount: 0, Thorough: false),
        _overlay);

    private void Hint(NodeHandle from, FileId file, long length, NodeHandle source) => _desk.Receive(from, new CacheHint(file, length, source), _overlay);

    private void Keep(TimeSpan age = default)
    {
        _desk.Handle(new AnswerBelieved(new LookupAnswered(1, Node(9), Certificate, Content, [], age)), _overlay);
        _desk.Handle(new CopyKept(File1, IsKept: true), _overlay);
        Assert.True(_desk.Contains(File1, _overlay));
    }
}
