namespace P2P.Pastry.Protocol;

/// <summary>
/// Remembers for a while which nodes died or left, so that the gossip of those who have not heard does not bring them back. A node that
/// returns has a higher incarnation, and one that died only in our eyes clears itself by speaking to us.
/// </summary>
internal sealed class Obituaries(int capacity, TimeSpan lifetime)
{
    private readonly List<Obituary> _entries = [];

    /// <summary>Gives the nodes found dead that are still remembered; those who left of themselves are not among them.</summary>
    public NodeHandle[] Failed(Instant now)
    {
        Expire(now);
        return [.. _entries.Where(entry => !entry.Departed).Select(entry => entry.Node)];
    }

    public void Add(NodeHandle node, bool departed, Instant now)
    {
        Remove(node.Id);
        if (_entries.Count == capacity)
        {
            _entries.RemoveAt(0);
        }

        _entries.Add(new Obituary(node, departed, now + lifetime));
    }

    public bool Contains(NodeHandle node, Instant now)
    {
        if (_entries.Count == 0)
        {
            return false;
        }

        Expire(now);
        return _entries.Exists(entry => entry.Node.Id == node.Id && node.Incarnation <= entry.Node.Incarnation);
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

        if (_entries[index].Departed && node.Incarnation <= _entries[index].Node.Incarnation)
        {
            return false;
        }

        _entries.RemoveAt(index);
        return true;
    }

    private void Remove(NodeId id) => _entries.RemoveAll(entry => entry.Node.Id == id);

    private void Expire(Instant now) => _entries.RemoveAll(entry => entry.Until <= now);

    private readonly record struct Obituary(NodeHandle Node, bool Departed, Instant Until);
}
