using P2P.Pastry;
using P2P.Pastry.Protocol;
using P2P.Pastry.Wire;

namespace Pastry.Tests.Protocol;

/// <summary>A newcomer walks from its bootstrap to a near node, row by row, before it asks to join.</summary>
public class NearestContactTests
{
    private static readonly NodeHandle Bootstrap = Nodes.At((UInt128)0x1000 << 112);
    private static readonly NodeHandle Closer = Nodes.At((UInt128)0x2000 << 112);
    private static readonly NodeHandle Closest = Nodes.At((UInt128)0x3000 << 112);

    private readonly Outbox _output = new();
    private readonly PastryMachine _newcomer = new(Nodes.At((UInt128)0x9000 << 112), new PastryOptions { LeafSetSize = 2 }, seed: 1, []);
    private Instant _now = new(1);

    public NearestContactTests()
    {
        _newcomer.Join(1, _now, _output);
        _output.Clear();
        _newcomer.BootstrapResolved(0, Bootstrap, _now, _output);
    }

    [Fact]
    public void It_goes_from_row_to_row_to_the_nearest_and_joins_through_that()
    {
        Assert.Equal((Bootstrap, Limits.Rows - 1), Asked());
        Answer(Bootstrap, row: 1, Closer);
        Measure((Bootstrap, 80), (Closer, 40));

        Assert.Equal((Closer, 0), Asked());
        Answer(Closer, row: 0, Bootstrap, Closest);
        Measure((Closest, 5));

        Assert.Equal((Closest, 0), Asked());
        Answer(Closest, row: 0, Bootstrap, Closer);
        Assert.Equal(Closest, Joined());
    }

    [Fact]
    public void Who_does_not_answer_the_measurement_is_passed_over()
    {
        Answer(Bootstrap, row: 0, Closer);
        Measure((Bootstrap, 80), (Closer, float.NaN));
        Assert.Equal(Bootstrap, Joined());
    }

    [Fact]
    public void A_silent_one_ends_the_search_with_the_nearest_known()
    {
        Answer(Bootstrap, row: 0, Closer);
        Measure((Bootstrap, 80), (Closer, 40));
        Assert.Equal((Closer, 0), Asked());
        var timer = _output.Timers[^1];
        foreach (var request in _output.Timers.ToArray().Where(request => request.Key.Kind == TimerKind.Join))
        {
            timer = request;
        }

        _now = timer.Due;
        _output.Clear();
        _newcomer.Expire(timer.Key, _now, _output);
        Assert.Equal(Closer, Joined());
    }

    [Fact]
    public void One_that_always_names_somebody_nearer_is_followed_a_few_steps_only()
    {
        var (at, distance) = (Bootstrap, 1000f);
        Measure((Bootstrap, distance));
        for (var step = 0; step < 100; step++)
        {
            if (_output.Messages.ToArray().Any(outgoing => outgoing.Message.Kind == MessageKind.JoinRequest))
            {
                Assert.InRange(step, 2, 20);
                return;
            }

            var next = Nodes.At((UInt128)(0x4000 + step) << 112);
            Answer(at, row: 0, next);
            Measure((next, --distance));
            at = next;
        }

        Assert.Fail("The newcomer was led on and on.");
    }

    private (NodeHandle To, int Row) Asked()
    {
        var asked = _output.Messages.ToArray().Last(outgoing => outgoing.Message.Kind == MessageKind.RowRequest);
        return (asked.To, ((RowRequestBody)asked.Message.Payload.Content!).Row);
    }

    private NodeHandle Joined() => Assert.Single(_output.Messages.ToArray(), outgoing => outgoing.Message.Kind == MessageKind.JoinRequest).To;

    private void Answer(NodeHandle from, int row, params NodeHandle[] nodes) =>
        _newcomer.Receive(from, Message.Control(MessageKind.RowReply, 0, new RowBody(new TableRow(row, nodes), [])), _now, _output);

    private void Measure(params (NodeHandle Node, float Proximity)[] outcomes)
    {
        foreach (var (node, proximity) in outcomes)
        {
            _newcomer.ProximityMeasured(node, proximity, _now, _output);
        }
    }
}
