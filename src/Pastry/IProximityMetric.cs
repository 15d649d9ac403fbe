namespace P2P.Pastry;

/// <summary>
/// Tells how near other nodes are, so that routing tables can prefer near ones (Pastry §2.5). The default measures round trips; a host that
/// knows better, by hops of its network or the racks of its data centre, brings its own.
/// </summary>
public interface IProximityMetric
{
    /// <summary>Finds out how near a node is. It need not be known to the transport, and no connection to it is wanted.</summary>
    /// <param name="node">The node. Others have named it: it may not exist, and what its handle says may be wrong.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>
    /// A round trip, or any other quantity that is the smaller the nearer the node is, more than zero and up to a minute; null where it does not
    /// answer or can't be measured. Nodes compare only what the same metric says.
    /// </returns>
    ValueTask<TimeSpan?> MeasureAsync(NodeHandle node, CancellationToken cancellationToken = default);
}
