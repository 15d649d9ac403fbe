namespace P2P.Pastry;

/// <summary>
/// Is the overlay as an application sees it from within one of its handlers (the common API of Dabek et al., IPTPS 2003). Commands are
/// carried out after the handler returns, so that no handler is entered while another runs.
/// </summary>
/// <remarks>
/// Each application of a node has one, given to all its handlers during the node's life: what is asked through it is asked in the name of that
/// application. An application may keep it, and uses it only while one of its handlers runs, on the thread that called it.
/// </remarks>
public interface IOverlay
{
    /// <summary>The node that this is.</summary>
    NodeHandle Self { get; }

    /// <summary>The node's clock.</summary>
    Instant Now { get; }

    /// <summary>Tells whether the node may deliver: its leaf set is probed and both ring neighbours have granted it a lease.</summary>
    bool IsReady { get; }

    /// <summary>Routes a message of this application to the live node numerically closest to the key.</summary>
    /// <param name="key">Where to.</param>
    /// <param name="payload">What to say, at most <see cref="Payload.LengthMax"/> bytes; kept until the next hop has acknowledged it.</param>
    /// <param name="firstHop">A node to go to first, or null to let the overlay choose.</param>
    /// <param name="options">How it is to be routed.</param>
    /// <exception cref="ArgumentException">The payload is too long.</exception>
    void Route(NodeId key, in Payload payload, NodeHandle? firstHop = null, RouteOptions options = RouteOptions.None);

    /// <summary>
    /// Routes a message of this application to the live node numerically closest to the key, and has it confirmed by the node that delivers or stops
    /// it: it is sent again, with growing pauses, while nobody does (<see cref="PastryOptions.ConfirmationTimeout"/>). A node's application takes it
    /// once, over whichever ways it comes, unless the node has taken 8,192 others meanwhile; where that node dies and another takes its place, that
    /// one may take it once more.
    /// </summary>
    /// <param name="key">Where to.</param>
    /// <param name="payload">What to say, at most <see cref="Payload.LengthMax"/> bytes; kept until the message is confirmed or given up.</param>
    /// <param name="firstHop">A node to go to first, or null to let the overlay choose.</param>
    /// <param name="options">How it is to be routed; it names this node as its origin in any case.</param>
    /// <returns>What tells the message in <see cref="PastryApplication.Confirmed"/>, which is called once for each.</returns>
    /// <exception cref="ArgumentException">The payload is too long.</exception>
    ConfirmationId RouteConfirmed(NodeId key, in Payload payload, NodeHandle? firstHop = null, RouteOptions options = RouteOptions.None);

    /// <summary>
    /// Says, within <see cref="PastryApplication.Deliver"/> or a <see cref="PastryApplication.Forward"/> that stops the message, that the application does
    /// not take it: it is not confirmed, and comes again where its origin wants to know. Who lets an exception out has not taken it either.
    /// </summary>
    void Decline();

    /// <summary>Sends a message of this application to one node, in one hop; it may be lost.</summary>
    /// <param name="to">The node.</param>
    /// <param name="payload">What to say, at most <see cref="Payload.LengthMax"/> bytes.</param>
    /// <exception cref="ArgumentException">The payload is too long.</exception>
    void Send(NodeHandle to, in Payload payload);

    /// <summary>Asks for <see cref="PastryApplication.Expire"/> to be called with this token when the instant has come.</summary>
    void SetTimer(ulong token, Instant due);

    /// <summary>Hands an effect to the application's own shell, which carries it out after the handler has returned.</summary>
    void Perform(object effect);

    /// <summary>Draws 64 bits from the node's seeded generator. Whoever sees some of them can tell the others: nothing is secret because of them.</summary>
    ulong NextRandom();

    /// <summary>Lists up to <paramref name="max"/> known nodes to which a message for the key may go next, best first.</summary>
    /// <param name="key">Where to.</param>
    /// <param name="max">How many at most.</param>
    /// <param name="safe">True to name only nodes that have themselves answered this one.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="max"/> is negative.</exception>
    IReadOnlyList<NodeHandle> LocalLookup(NodeId key, int max, bool safe);

    /// <summary>
    /// Gives the mean round trip to a node as far as it has been measured in passing, by hops that the node acknowledged; else null. A node keeps
    /// some hundred of these, so one that has not been routed over for a while may be forgotten.
    /// </summary>
    TimeSpan? RoundTripTo(NodeHandle node);

    /// <summary>Lists up to <paramref name="max"/> ring neighbours, numerically nearest first.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="max"/> is negative.</exception>
    IReadOnlyList<NodeHandle> NeighborSet(int max);

    /// <summary>
    /// Lists the <paramref name="max"/> live nodes numerically closest to the key, closest first, this node among them; fewer, where the
    /// leaf set does not reach that far.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="max"/> is negative.</exception>
    IReadOnlyList<NodeHandle> ReplicaSet(NodeId key, int max);

    /// <summary>
    /// Finds, among the <paramref name="count"/> nodes numerically closest to the key, the one with the shortest round trip from here. A lookup
    /// for what they all hold may go there: set it as the next hop in <see cref="PastryApplication.Forward"/>. Where the leaf set does not show
    /// who they are, its density tells who of the known nodes probably is one of them (Pastry §3.3); such a guess may be wrong.
    /// </summary>
    /// <param name="key">The key.</param>
    /// <param name="count">How many nodes hold what belongs to a key: k; 1 or more.</param>
    /// <returns>Null where no such node is known, or the round trip to none of them.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is less than 1.</exception>
    NodeHandle? NearestHolder(NodeId key, int count);

    /// <summary>
    /// Counts the known live nodes that are numerically closer to the key than this one: 0 at the closest, less than k at the k closest. Unlike
    /// <see cref="ReplicaSet"/> it tells that also of a node at the edge of those, whose leaf set does not reach all others.
    /// </summary>
    int CountCloser(NodeId key);

    /// <summary>Gives the keys for which the node is among the <paramref name="rank"/> + 1 closest.</summary>
    /// <param name="node">This node or a member of its leaf set.</param>
    /// <param name="rank">0 for the keys of which it is the closest node.</param>
    /// <param name="from">The first such key, clockwise.</param>
    /// <param name="to">The last such key, clockwise.</param>
    /// <returns>False where the leaf set does not reach far enough to tell.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="rank"/> is negative.</exception>
    bool TryRange(NodeHandle node, int rank, out NodeId from, out NodeId to);
}
