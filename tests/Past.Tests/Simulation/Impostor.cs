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

    /// <summary>Gives the answers to a message, which go to its client.</summary>
    public Func<PastMessage, IEnumerable<PastMessage>> Answer { get; set; } = _ => [];

    public List<PastMessage> Heard { get; } = [];

    protected override bool Forward(ref ForwardedMessage message, IOverlay overlay) => !Take(null, message.Payload, overlay);

    protected override void Deliver(in RoutedMessage message, IOverlay overlay) => Take(null, message.Payload, overlay);

    protected override void Receive(NodeHandle from, in Payload payload, IOverlay overlay) => Take(from, payload, overlay);

    /// <summary>Says of its own accord what a test has it say.</summary>
    protected override void Handle(object input, IOverlay overlay) => ((Action<IOverlay>)input)(overlay);

    private bool Take(NodeHandle? from, in Payload payload, IOverlay overlay)
    {
        if (PastFormat.Read(payload) is not { } message)
        {
            return false;
        }

        Heard.Add(message);
        var answered = false;
        var client = message switch
        {
            SearchMessage search => search.Client,
            StoreRequest store => store.Client,
            _ => from!,
        };
        foreach (var answer in Answer(message))
        {
            overlay.Send(client, Payload.FromContent(answer));
            answered = true;
        }

        return answered;
    }
}
