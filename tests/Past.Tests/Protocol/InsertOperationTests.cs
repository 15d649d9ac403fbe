using P2P.Past;
using P2P.Past.Protocol;
using P2P.Pastry;
using Past.Tests.Cache;

namespace Past.Tests.Protocol;

/// <summary>What an insert makes of answers that come late.</summary>
public class InsertOperationTests
{
    private const ulong Operation = 7;

    private static readonly byte[] Content = TestFiles.Content(1_000);
    private static readonly FileCertificate Certificate = TestFiles.Certify(Content);
    private static readonly PastOptions Options = new();
    private static readonly NodeHandle First = Node(2);
    private static readonly NodeHandle Second = Node(3);

    private readonly FakeOverlay _overlay = new(Node(1));
    private readonly InsertOperation _insert = new(Operation, Certificate, Content, Options);

    public InsertOperationTests() => _insert.Start(_overlay);

    [Fact]
    public void Holders_that_the_coordinator_of_an_earlier_try_names_late_count()
    {
        var holders = Holders();
        _insert.OnInvited(First, _overlay);
        TryAgain();
        _insert.OnInvited(Second, _overlay);
        Store(holders);
        Assert.Null(_insert.Result);

        _insert.OnAccepted(First, holders, _overlay);
        AssertStored(holders);
    }

    [Fact]
    public void Holders_that_were_named_in_time_and_store_late_count()
    {
        var holders = Holders();
        _insert.OnInvited(First, _overlay);
        _insert.OnAccepted(First, holders, _overlay);
        TryAgain();
        _insert.OnInvited(First, _overlay);
        TryAgain();
        _insert.OnInvited(Second, _overlay);
        Store(holders);
        AssertStored(holders);
    }

    [Fact]
    public void Nodes_that_no_coordinator_was_asked_to_name_do_not_count()
    {
        var holders = Holders();
        _insert.OnInvited(First, _overlay);
        TryAgain();
        _insert.OnAccepted(Second, holders, _overlay);
        Store(holders);
        Assert.Null(_insert.Result);
    }

    private static NodeHandle[] Holders() => [.. Enumerable.Range(10, Certificate.ReplicaCount).Select(number => Node((byte)number))];

    private void TryAgain()
    {
        var tries = _overlay.Routed.Count;
        _overlay.Now += Options.OperationTimeout;
        _insert.Expire(_overlay);
        Assert.Equal(tries + 1, _overlay.Routed.Count);
    }

    private void Store(NodeHandle[] holders)
    {
        foreach (var holder in holders)
        {
            _insert.OnReceiptChecked(holder, StoreReceipt.Unsigned(Certificate, holder.Id, TestFiles.Created), valid: true, _overlay);
        }
    }

    private void AssertStored(NodeHandle[] holders) => Assert.Equal(holders.Length, Assert.IsType<InsertResult.Stored>(_insert.Result).Receipts.Length);

    private static NodeHandle Node(byte number) => new(new NodeId(number), incarnation: 1, [new NodeAddress("192.0.2.1", number)]);
}
