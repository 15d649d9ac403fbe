namespace P2P.Pastry.Transport;

/// <summary>Takes what arrives at a transport. Implementations return quickly; what they wait for holds back the peer that sent it.</summary>
public interface ITransportHandler
{
    /// <summary>Takes messages for one local node and becomes their owner, who returns the batch when it is done with it.</summary>
    /// <param name="node">The local node they are for.</param>
    /// <param name="batch">The messages, in the order in which one peer sent them.</param>
    /// <param name="cancellationToken">Is set when the transport is closing.</param>
    ValueTask ReceiveAsync(LocalNode node, MessageBatch batch, CancellationToken cancellationToken);

    /// <summary>Takes a stream that a proven peer opened, and becomes its owner.</summary>
    /// <param name="node">The local node it is for.</param>
    /// <param name="stream">The stream.</param>
    /// <param name="application">The application it is for.</param>
    void AcceptStream(LocalNode node, TransportStream stream, PastryApplicationId application);

    /// <summary>Learns that messages to a peer are being lost: its connection broke or could not be made.</summary>
    /// <param name="peer">The peer.</param>
    /// <param name="reason">Why.</param>
    void PeerDown(NodeHandle peer, PeerDownReason reason);
}
