using P2P.Past.Wire;
using P2P.Pastry;

namespace Past.Tests.Simulation;

/// <summary>Speaks PAST's language, and answers as a test tells it.</summary>
internal sealed class Impostor : PastryApplication
{
    public Impostor()
        : base(PastryApplicationId.FromName("p2p/past"))
    {
    }

    /// <summary>Gives the answers to a message, with whom they go to.</summary>
    public Func<PastMessage, IEnumerable<(NodeHandle To, PastMessage Message)>> Answer { get; set; } = _ => [];

    public List<PastMessage> Heard { get; } = [];

    protected override bool Forward(ref ForwardedMessage message, IOverlay overlay) => !Take(message.Payload, overlay);

    protected override void Deliver(in RoutedMessage message, IOverlay overlay) => Take(message.Payload, overlay);

    protected override void Receive(NodeHandle from, in Payload payload, IOverlay overlay) => Take(payload, overlay);

    private bool Take(in Payload payload, IOverlay overlay)
    {
        if (PastFormat.Read(payload) is not { } message)
        {
            return false;
        }

        Heard.Add(message);
        var answered = false;
        foreach (var (to, answer) in Answer(message))
        {
            overlay.Send(to, Payload.FromContent(answer));
            answered = true;
        }

        return answered;
    }
}
