namespace P2P.Pastry.Protocol;

/// <summary>
/// Has nodes measured that this one need not be connected with: how near they are is found out by the shell, and comes back as an input.
/// </summary>
internal sealed class ProximityProbes(NodeState state)
{
    /// <summary>Beyond so many at a time, nodes go unmeasured: one that is nearer will be named again.</summary>
    private const int AwaitedMax = 32;

    private readonly List<NodeHandle> _awaited = new(0);

    /// <summary>Asks for a node to be measured.</summary>
    /// <returns>False where it is being measured already, or too many are.</returns>
    public bool Start(NodeHandle node)
    {
        if (_awaited.Count == AwaitedMax || _awaited.Contains(node))
        {
            return false;
        }

        _awaited.Add(node);
        state.Counters.Echoes++;
        state.Output.Perform(new MeasureProximity(node));
        return true;
    }

    /// <summary>Takes an outcome.</summary>
    /// <returns>False where nobody has asked for it.</returns>
    public bool TryTake(NodeHandle node)
    {
        var isAwaited = _awaited.Remove(node);
        if (_awaited.Count == 0 && _awaited.Capacity > 0)
        {
            // Most of the time, there is nothing to measure.
            _awaited.Capacity = 0;
        }

        return isAwaited;
    }
}
