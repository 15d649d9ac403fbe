using P2P.Pastry.Transport;

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
    /// <remarks>
    /// A message that has to wait at this node is seen when it goes on, and may be seen again when the next hop turns out to be dead. One with
    /// <see cref="RouteOptions.Prompt"/> is seen before it waits as well; it can be stopped then, and other changes to it are forgotten.
    /// </remarks>
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

    /// <summary>
    /// Learns that a node is gone or can't be reached, whether it is in the leaf set or not: the transport has lost it, it has answered no
    /// probes, said farewell, or started another life. The same may be told more than once, and a node behind a broken link may live on: any
    /// message from it says so. What keeps silent, and is sent nothing, is not missed.
    /// </summary>
    /// <param name="peer">The node, in the life that it was known in.</param>
    /// <param name="overlay">The overlay.</param>
    protected internal virtual void PeerDown(NodeHandle peer, IOverlay overlay)
    {
    }

    /// <summary>
    /// Learns that a direct message of this application was not sent: too much waits for that node already, the message is too long, or the
    /// node can't be reached. Messages can be lost later as well, of which nobody learns. What is sent in answer to this, and not sent either,
    /// is told in turn, so wait before you try the same again.
    /// </summary>
    /// <param name="to">The node that it was for.</param>
    /// <param name="payload">What it said; valid during the call.</param>
    /// <param name="status">Why it was not sent.</param>
    /// <param name="overlay">The overlay.</param>
    protected internal virtual void NotSent(NodeHandle to, in Payload payload, SendStatus status, IOverlay overlay)
    {
    }

    /// <summary>Learns what became of a message that was to be confirmed.</summary>
    /// <param name="message">What <see cref="IOverlay.RouteConfirmed"/> returned.</param>
    /// <param name="outcome">Who took it, or that nobody has said so in time, or that it was never sent. Told once for each message, at the latest when the node leaves.</param>
    /// <param name="overlay">The overlay.</param>
    protected internal virtual void Confirmed(ConfirmationId message, RouteOutcome outcome, IOverlay overlay)
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
