using P2P.Pastry;
using P2P.Pastry.Protocol;

namespace Pastry.Tests.Protocol;

public class OverlayIdentityTests
{
    [Fact]
    public void Each_application_has_one_overlay_which_speaks_in_its_name_only()
    {
        var (one, two) = (new Keeping("tests/one"), new Keeping("tests/two"));
        var machine = new PastryMachine(Nodes.At(new NodeId(1)), new PastryOptions(), seed: 1, [one, two]);
        var output = new Outbox();
        foreach (var application in (Keeping[])[one, two, one, two])
        {
            machine.Handle(application, 0, Instant.Zero, output);
        }

        var overlays = (One: Assert.Single(one.Overlays.Distinct()), Two: Assert.Single(two.Overlays.Distinct()));
        Assert.NotSame(overlays.One, overlays.Two);

        // An overlay that is kept speaks for its own application, whoever's handler runs.
        two.Then = _ => overlays.One.Send(Nodes.At(new NodeId(2)), Payload.Empty);
        machine.Handle(two, 0, Instant.Zero, output);
        Assert.Equal(one.Id, output.Messages[0].Message.Application);
    }

    private sealed class Keeping(string name) : PastryApplication(PastryApplicationId.FromName(name))
    {
        public List<IOverlay> Overlays { get; } = [];

        public Action<IOverlay> Then { get; set; } = _ => { };

        protected internal override void Deliver(in RoutedMessage message, IOverlay overlay)
        {
        }

        protected internal override void Handle(object input, IOverlay overlay)
        {
            Overlays.Add(overlay);
            Then(overlay);
        }
    }
}
