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
    private readonly List<Obituary> _entries = [];

    /// <summary>Gives the nodes found silent that are still remembered; those who left of themselves are not among them.</summary>
    public NodeHandle[] Failed(Instant now)
    {
        if (_entries.Count == 0)
        {
            return [];
        }

        Expire(now);
        return [.. _entries.Where(entry => entry.Cause != Cause.Departed).Select(entry => entry.Node)];
    }

    public void Add(NodeHandle node, Cause cause, Instant now)
    {
        if (cause == Cause.NeverSpoke && _entries.Exists(entry => entry.Node.Id == node.Id && entry.Cause != Cause.NeverSpoke))
        {
            return;
        }

        Remove(node.Id);
        if (cause == Cause.NeverSpoke && _entries.Count(entry => entry.Cause == Cause.NeverSpoke) >= capacity / 2)
        {
            _entries.RemoveAt(_entries.FindIndex(entry => entry.Cause == Cause.NeverSpoke));
        }
        else if (_entries.Count == capacity)
        {
            _entries.RemoveAt(0);
        }

        _entries.Add(new Obituary(node, cause, now + lifetime));
    }

    public bool Contains(NodeHandle node, Instant now)
    {
        if (_entries.Count == 0)
        {
            return false;
        }

        Expire(now);
        return _entries.Exists(entry => entry.Covers(node));
    }

    /// <summary>Takes a sign of life: of a node believed dead it clears the entry, of one that left it changes nothing.</summary>
    /// <returns>True where the node may be taken into the tables.</returns>
    public bool Revive(NodeHandle node, Instant now)
    {
        if (_entries.Count == 0)
        {
            return true;
        }

        Expire(now);
        var index = _entries.FindIndex(entry => entry.Node.Id == node.Id);
        if (index < 0)
        {
            return true;
        }

        if (_entries[index].Cause == Cause.Departed && node.Incarnation <= _entries[index].Node.Incarnation)
        {
            return false;
        }

        _entries.RemoveAt(index);
        return true;
    }

    private void Remove(NodeId id) => _entries.RemoveAll(entry => entry.Node.Id == id);

    private void Expire(Instant now) => _entries.RemoveAll(entry => entry.Until <= now);

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
            Node.Id == node.Id
            && (Cause == Cause.NeverSpoke
                ? Node.Incarnation == node.Incarnation && Node.Addresses.AsSpan().SequenceEqual(node.Addresses.AsSpan())
                : node.Incarnation <= Node.Incarnation);
    }
}
