using P2P.Pastry;
using P2P.Pastry.Protocol;
using P2P.Pastry.Wire;

namespace Pastry.Tests.Protocol;

public class ApplicationFailureTests
{
    private readonly Failing _application = new();
    private readonly Outbox _output = new();
    private readonly PastryMachine _machine;

    public ApplicationFailureTests()
    {
        var self = new NodeHandle(new NodeId(7), 1, [new NodeAddress("host", 1)]);
        _machine = new PastryMachine(self, new PastryOptions(), seed: 1, [_application]);
        _machine.StartRing(new Instant(1), _output);
        _output.Clear();
    }

    [Fact]
    public void A_failing_delivery_loses_its_message_and_nothing_else()
    {
        _application.Fails = true;
        _machine.Route(_application.Id, new NodeId(1), Payload.FromBytes("lost"u8.ToArray()), RouteOptions.None, new Instant(2), _output);
        var failed = Assert.Single(_output.Effects.ToArray().OfType<ApplicationFailed>());
        Assert.IsType<FormatException>(failed.Exception);
        _output.Clear();

        _application.Fails = false;
        _machine.Route(_application.Id, new NodeId(1), Payload.FromBytes("kept"u8.ToArray()), RouteOptions.None, new Instant(3), _output);

        Assert.Equal("kept", Assert.Single(_application.Delivered));
        Assert.Empty(_output.Effects.ToArray().OfType<ApplicationFailed>());
    }

    [Fact]
    public void A_failing_update_leaves_the_leaf_set_and_the_readiness_in_step()
    {
        var neighbor = new NodeHandle(new NodeId(9), 1, [new NodeAddress("host", 2)]);
        _application.Fails = true;

        _machine.Receive(neighbor, Message.Control(MessageKind.LeafSetProbe, 1, new LeafSetBody([], [])), new Instant(2), _output);

        Assert.NotEmpty(_output.Effects.ToArray().OfType<ApplicationFailed>());
        Assert.Equal(neighbor, Assert.Single(_machine.LeafSet.Members));
        Assert.False(_machine.IsReady);
        Assert.Contains(_output.Messages.ToArray(), outgoing => outgoing.Message.Kind == MessageKind.Lease);
    }

    private sealed class Failing() : PastryApplication(PastryApplicationId.FromName("tests/failing"))
    {
        public bool Fails { get; set; }

        public List<string> Delivered { get; } = [];

        protected internal override void Deliver(in RoutedMessage message, IOverlay overlay)
        {
            Fail();
            Delivered.Add(System.Text.Encoding.UTF8.GetString(message.Payload.Span));
        }

        protected internal override void Update(NodeHandle node, NeighborChange change, IOverlay overlay) => Fail();

        private void Fail()
        {
            if (Fails)
            {
                throw new FormatException("The application failed.");
            }
        }
    }
}
