namespace P2P.Pastry.Protocol;

/// <summary>
/// Remembers for a while which nodes died or left, so that the gossip of those who have not heard does not bring them back. A node that
/// returns has a higher incarnation, and one that died only in our eyes clears itself by speaking to us.
/// </summary>
/// <remarks>
/// Of a node that never spoke to us, nobody knows whether it died or was never where others said: only what they said is remembered, and
/// the same node under another address is not dead. They take no more than half of the room.
/// </remarks>
internal sealed class Obituaries(int capacity, TimeSpan lifetime)
{
    // In the order of their ends: all last equally long.
    private readonly OrderedDictionary<NodeId, Obituary> _entries = [];

    /// <summary>
    /// Gives the nodes to tell others of: those that fell silent, and those that left, whose farewell may not have reached everybody. Of those that never
    /// spoke there is nothing to tell.
    /// </summary>
    public NodeHandle[] Nodes(Instant now)
    {
        Expire(now);
        return [.. _entries.Values.Where(entry => entry.Cause != Cause.NeverSpoke).Select(entry => entry.Node)];
    }

    public void Add(NodeHandle node, Cause cause, Instant now)
    {
        Expire(now);
        if (cause == Cause.NeverSpoke && _entries.TryGetValue(node.Id, out var known) && known.Cause != Cause.NeverSpoke)
        {
            return;
        }

        _entries.Remove(node.Id);
        if (cause == Cause.NeverSpoke && _entries.Values.Count(entry => entry.Cause == Cause.NeverSpoke) >= capacity / 2)
        {
            _entries.Remove(_entries.First(entry => entry.Value.Cause == Cause.NeverSpoke).Key);
        }
        else if (_entries.Count == capacity)
        {
            _entries.RemoveAt(0);
        }

        _entries.Add(node.Id, new Obituary(node, cause, now + lifetime));
    }

    public bool Contains(NodeHandle node, Instant now)
    {
        Expire(now);
        return _entries.TryGetValue(node.Id, out var entry) && entry.Covers(node);
    }

    /// <summary>Takes a sign of life: of a node believed dead it clears the entry, of one that left it changes nothing.</summary>
    /// <returns>True where the node may be taken into the tables.</returns>
    public bool Revive(NodeHandle node, Instant now)
    {
        Expire(now);
        if (!_entries.TryGetValue(node.Id, out var entry))
        {
            return true;
        }

        if (entry.Cause == Cause.Departed && node.Incarnation <= entry.Node.Incarnation)
        {
            return false;
        }

        _entries.Remove(node.Id);
        return true;
    }

    private void Expire(Instant now)
    {
        while (_entries.Count > 0 && _entries.GetAt(0).Value.Until <= now)
        {
            _entries.RemoveAt(0);
        }
    }

    /// <summary>Says how much is known of a node's end.</summary>
    public enum Cause
    {
        /// <summary>It spoke to us, and then fell silent.</summary>
        Failed,

        /// <summary>It said farewell, or began another life.</summary>
        Departed,

        /// <summary>Others named it, and nobody answered there.</summary>
        NeverSpoke,
    }

    private readonly record struct Obituary(NodeHandle Node, Cause Cause, Instant Until)
    {
        public bool Covers(NodeHandle node) =>
            Cause == Cause.NeverSpoke
                ? Node.Incarnation == node.Incarnation && Node.HasAddressesOf(node)
                : node.Incarnation <= Node.Incarnation;
    }
}
