namespace P2P.Scribe;

/// <summary>
/// Is the place of a message in its group's order. Places of one epoch follow each other without a gap; an epoch begins with each new rendezvous point, or
/// each life of an author where messages crawl.
/// </summary>
/// <param name="Epoch">The epoch; later ones are greater.</param>
/// <param name="Number">The number of the batch that the message came in, counted on from epoch to epoch.</param>
public readonly record struct GroupPosition(uint Epoch, ulong Number) : IComparable<GroupPosition>
{
    /// <summary>The place before all others.</summary>
    public static GroupPosition None => default;

    /// <inheritdoc/>
    public int CompareTo(GroupPosition other) => Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch) : Number.CompareTo(other.Number);

    /// <summary>Shows epoch and number.</summary>
    public override string ToString() => $"{Epoch}:{Number}";

    /// <summary>Orders places.</summary>
    public static bool operator <(GroupPosition left, GroupPosition right) => left.CompareTo(right) < 0;

    /// <summary>Orders places.</summary>
    public static bool operator >(GroupPosition left, GroupPosition right) => left.CompareTo(right) > 0;

    /// <summary>Orders places.</summary>
    public static bool operator <=(GroupPosition left, GroupPosition right) => left.CompareTo(right) <= 0;

    /// <summary>Orders places.</summary>
    public static bool operator >=(GroupPosition left, GroupPosition right) => left.CompareTo(right) >= 0;
}
