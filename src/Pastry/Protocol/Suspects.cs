namespace P2P.Pastry.Protocol;

/// <summary>
/// Remembers the nodes that failed to answer in time. They are passed over in routing and probed; they are not dead until the probes say
/// so, and any sign of life clears them.
/// </summary>
internal sealed class Suspects
{
    private HashSet<NodeId>? _ids;

    public int Count => _ids?.Count ?? 0;

    public bool Contains(NodeId id) => _ids is { Count: > 0 } ids && ids.Contains(id);

    public bool Add(NodeId id) => (_ids ??= []).Add(id);

    public bool Remove(NodeId id) => _ids is { Count: > 0 } ids && ids.Remove(id);
}
