using P2P.Pastry;

namespace P2P.Scribe.Protocol;

/// <summary>Knows who is in a group, of those who say so from time to time; who has not for long is not in it any more.</summary>
internal sealed class Roster
{
    /// <summary>The most members that are known of a group.</summary>
    public const int MembersMax = 1024;

    private readonly Dictionary<NodeId, Instant> _heardAt = [];

    public int Count => _heardAt.Count;

    public bool Contains(NodeId member) => _heardAt.ContainsKey(member);

    /// <summary>A member says that it is in the group.</summary>
    /// <returns>True where it is new.</returns>
    public bool Add(NodeId member, Instant now)
    {
        var isNew = !_heardAt.ContainsKey(member);
        if (isNew && _heardAt.Count >= MembersMax)
        {
            return false;
        }

        _heardAt[member] = now;
        return isNew;
    }

    /// <summary>A member says that it leaves.</summary>
    /// <returns>False where it was not known.</returns>
    public bool Remove(NodeId member) => _heardAt.Remove(member);

    /// <summary>Takes out who has been silent for so long, in the order of their ids.</summary>
    public NodeId[] RemoveSilent(TimeSpan silence, Instant now)
    {
        NodeId[] silent = [.. _heardAt.Where(member => now - member.Value > silence).Select(member => member.Key).Order()];
        foreach (var member in silent)
        {
            _heardAt.Remove(member);
        }

        return silent;
    }
}
