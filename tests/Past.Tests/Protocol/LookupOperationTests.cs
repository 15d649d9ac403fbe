using P2P.Past;
using P2P.Past.Protocol;
using P2P.Past.Wire;
using P2P.Pastry;
using Past.Tests.Cache;

namespace Past.Tests.Protocol;

/// <summary>What a lookup makes of answers, of which some are lies and some can't be checked.</summary>
public class LookupOperationTests
{
    private const ulong Operation = 7;

    private static readonly byte[] Content = TestFiles.Content(1_000);
    private static readonly FileCertificate Certificate = TestFiles.Certify(Content);
    private static readonly FileCertificate Forged = TestFiles.Steal(Certificate);
    private static readonly PastOptions Options = new();
    private static readonly NodeHandle Liar = Node(2);
    private static readonly NodeHandle Holder = Node(3);

    private readonly FakeOverlay _overlay = new(Node(1));
    private readonly LookupOperation _lookup = new(Operation, Certificate.FileId, Options);

    public LookupOperationTests() => _lookup.Start(_overlay);

    [Fact]
    public void One_node_s_many_answers_leave_others_their_places()
    {
        Invite(Liar, Holder);
        for (var i = 0; i < 100; i++)
        {
            Find(Liar, Forged);
        }

        Find(Holder, Certificate);
        Assert.Equal([Liar], Checked());
        _lookup.OnRejected(Liar, wasChecked: true, _overlay);
        Assert.Equal([Liar, Holder], Checked());
    }

    [Fact]
    public void Node_that_gave_something_wrong_is_not_heard_any_more_in_this_try_or_the_next()
    {
        Invite(Liar, Holder);
        Find(Liar, Forged);
        _lookup.OnRejected(Liar, wasChecked: true, _overlay);
        Find(Liar, Certificate);
        Assert.Single(Checked());

        // Neither is it a witness that nobody has the file.
        _lookup.OnAbsent(Liar, [Liar, Holder], _overlay);
        _lookup.OnAbsent(Holder, [Liar, Holder], _overlay);
        Assert.Equal(2, _overlay.Routed.Count);
        Assert.False(_lookup.HasEnded);

        var asked = _overlay.Sent.Count;
        Invite(Liar);
        Assert.Equal(asked, _overlay.Sent.Count);
        Assert.Equal(3, _overlay.Routed.Count);
        Find(Liar, Forged);
        Assert.Single(Checked());
    }

    [Fact]
    public void Neighbour_that_names_a_liar_first_has_those_asked_whom_it_names_after_it()
    {
        Invite(Liar);
        Find(Liar, Forged);
        _lookup.OnRejected(Liar, wasChecked: true, _overlay);
        Assert.Equal(2, _overlay.Routed.Count);

        // This node is next to the id itself, and would be believed.
        Invite(Node(1));
        _lookup.OnAbsent(Node(1), [Liar, Node(1), Holder], _overlay);
        Assert.False(_lookup.HasEnded);
        Find(Holder, Certificate);
        Assert.Equal([Liar, Holder], Checked());
    }

    [Fact]
    public void Answer_that_nobody_had_time_to_check_denies_nothing_and_may_come_again()
    {
        Invite(Holder);
        Find(Holder, Certificate);
        _lookup.OnRejected(Holder, wasChecked: false, _overlay);
        Assert.False(_lookup.HasEnded);
        Assert.Single(_overlay.Routed);

        ExpireNext();
        Assert.Equal(2, _overlay.Routed.Count);
        Invite(Holder);
        Find(Holder, Certificate);
        Assert.Equal([Holder, Holder], Checked());
    }

    [Fact]
    public void Lookup_ends_though_answers_are_checked_for_ever()
    {
        Invite(Liar);
        Find(Liar, Forged);
        var begin = _overlay.Now;
        while (!_lookup.HasEnded)
        {
            ExpireNext();
        }

        Assert.Equal(Options.OperationTimeMax, _overlay.Now - begin);
        Assert.Equal(new LookupFailed(Operation, Certain: false), _overlay.Effects[^1]);
    }

    private void Invite(params NodeHandle[] nodes)
    {
        foreach (var node in nodes)
        {
            _lookup.OnInvited(node, _overlay);
        }
    }

    private void Find(NodeHandle holder, FileCertificate certificate) => _lookup.OnFound(holder, new LookupFound(Operation, certificate, Content, []), _overlay);

    private IEnumerable<NodeHandle> Checked() => _overlay.Effects.OfType<LookupAnswered>().Select(answer => answer.Holder);

    private void ExpireNext()
    {
        _overlay.Now = _overlay.Timers[^1].Due;
        _lookup.Expire(_overlay);
    }

    private static NodeHandle Node(byte number) => new(new NodeId(number), incarnation: 1, [new NodeAddress("192.0.2.1", number)]);
}
