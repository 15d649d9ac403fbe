namespace P2P.Pastry.Transport;

/// <summary>Says who comes first where not everything fits.</summary>
public enum MessagePriority
{
    /// <summary>What applications say: dropped when the queue to the peer is full.</summary>
    Normal,

    /// <summary>
    /// What keeps the ring together, such as heartbeats and acknowledgements: it may use a quarter of a queue's length beyond what others
    /// may, so that a peer that is sent too much is not taken for dead. It does not overtake what waits.
    /// </summary>
    Urgent,
}
