namespace P2P.Pastry;

/// <summary>
/// Is the base of applications that think inside the overlay's own step, as PAST and SCRIBE do: synchronous, without input or output of
/// their own, so that the same code runs on real nodes and in a simulation.
/// </summary>
/// <remarks>
/// One thread at a time calls the handlers of a node. A handler returns quickly, blocks on nothing, and lets no exception out: one that
/// escapes is logged and the message is lost.
/// </remarks>
/// <param name="id">What tells this application's messages from others'.</param>
public abstract class PastryApplication(PastryApplicationId id)
{
    /// <summary>What tells this application's messages from others'.</summary>
    public PastryApplicationId Id { get; } = id;

    /// <summary>Sees a message that this node is about to forward, or to deliver, and may change it, send it elsewhere or stop it.</summary>
    /// <param name="message">The message; set its <see cref="ForwardedMessage.NextHop"/> or <see cref="ForwardedMessage.Payload"/> to change it.</param>
    /// <param name="overlay">The overlay.</param>
    /// <returns>False to stop the message here.</returns>
    protected internal virtual bool Forward(ref ForwardedMessage message, IOverlay overlay) => true;

    /// <summary>Takes a message for whose key this is the closest live node.</summary>
    protected internal abstract void Deliver(in RoutedMessage message, IOverlay overlay);

    /// <summary>Takes a message that another node's application sent to this node directly.</summary>
    protected internal virtual void Receive(NodeHandle from, in Payload payload, IOverlay overlay)
    {
    }

    /// <summary>Learns that the leaf set has changed.</summary>
    protected internal virtual void Update(NodeHandle node, NeighborChange change, IOverlay overlay)
    {
    }

    /// <summary>Learns that the node may deliver from now on, or may not until further notice.</summary>
    protected internal virtual void ReadyChanged(bool ready, IOverlay overlay)
    {
    }

    /// <summary>Takes a timer that the application has set. There is no way to take a timer back: ignore one that matters no more.</summary>
    protected internal virtual void Expire(ulong token, IOverlay overlay)
    {
    }

    /// <summary>Takes a command of a user, or the outcome of an effect, that the application's shell posted to the node.</summary>
    protected internal virtual void Handle(object input, IOverlay overlay)
    {
    }
}
