using P2P.Pastry;
using P2P.Pastry.Simulation;
using P2P.Scribe;
using P2P.Scribe.Wire;
using Scribe.Tests.Simulation;

namespace Scribe.Tests.Attacks;

/// <summary>Is a node of the ring that says to others what a test wants it to, in the words of SCRIBE, and answers what it gets as the test says. Its name and its key are its own.</summary>
internal sealed class Speaker() : PastryApplication(PastryApplicationId.FromName("p2p/scribe"))
{
    private SimulatedNode? _node;

    public SimulatedNode Node => _node!;

    /// <summary>What it has got.</summary>
    public List<ScribeMessage> Heard { get; } = [];

    /// <summary>What it says to whom has said something; null for nothing.</summary>
    public Func<NodeHandle, ScribeMessage, ScribeMessage?> Answer { get; set; } = (_, _) => null;

    /// <summary>Adds it to a ring.</summary>
    public static Speaker In(ScribeWorld world)
    {
        var speaker = new Speaker();
        speaker._node = world.Overlay.AddNode(speaker);
        speaker.Node.Join(world.Pick());
        Assert.True(world.Overlay.RunUntilReady([speaker.Node], ScribeWorld.Limit), world.Seed);
        return speaker;
    }

    public void Say(NodeHandle to, ScribeMessage message) => Node.Post(this, (to, message));

    /// <summary>Becomes the child of a node in a tree.</summary>
    public void Join(SimulatedNode parent, GroupId group) =>
        Say(parent.Handle, new JoinRequest([new JoinRequest.Entry(group, Nonce: 1, HasCertificate: false, Capability: null, HistoryAge: default)]));

    protected override void Deliver(in RoutedMessage message, IOverlay overlay)
    {
    }

    protected override void Handle(object input, IOverlay overlay)
    {
        var (to, message) = ((NodeHandle, ScribeMessage))input;
        overlay.Send(to, Payload.FromContent(message));
    }

    protected override void Receive(NodeHandle from, in Payload payload, IOverlay overlay)
    {
        if (ScribeFormat.Read(payload) is { } message)
        {
            Heard.Add(message);
            if (Answer(from, message) is { } answer)
            {
                overlay.Send(from, Payload.FromContent(answer));
            }
        }
    }
}
