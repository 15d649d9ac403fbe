namespace P2P.Pastry.Protocol;

/// <summary>Names the sides of a node on the ring. In a ring of two, one neighbour is on both.</summary>
[Flags]
internal enum RingSides
{
    /// <summary>Counterclockwise.</summary>
    Left = 1,

    /// <summary>Clockwise.</summary>
    Right = 2,
}

/// <summary>Is a promise to this node.</summary>
/// <param name="Grantor">The neighbour, or still the one before.</param>
/// <param name="Until">Until when it lasts.</param>
/// <param name="Stamp">The grantor's clock when it was given, or when later ones were that are not used.</param>
/// <param name="Beside">Who else held one of the same grantor then, or null.</param>
/// <param name="BesideUntil">Until when that one may last.</param>
internal readonly record struct Lease(NodeHandle? Grantor, Instant Until, Instant Stamp, NodeId? Beside, Instant BesideUntil)
{
    /// <summary>Tells whether the lease lets its holder deliver, given the one from its other side.</summary>
    public bool Counts(Instant now, in Lease other) =>
        Until > now && (Beside is null || BesideUntil <= now || (other.Grantor?.Id == Beside && other.Until > now));
}

/// <summary>Is what a node knows of its neighbour on one side.</summary>
internal record struct LeaseSide
{
    public NodeHandle? Neighbor { get; init; }

    /// <summary>Since when it is the neighbour; what was asked of it before does not count.</summary>
    public Instant Since { get; init; }

    public Lease Lease { get; set; }

    /// <summary>The neighbour's clock when it sent what was heard last.</summary>
    public Instant LastStamp { get; set; }

    public Instant LastHeard { get; set; }

    /// <summary>When it was last asked for a lease.</summary>
    public Instant AskedAt { get; set; }

    /// <summary>Whether it grants none now, although it could have: it waits for the end of another.</summary>
    public bool Withholds { get; set; }

    /// <summary>Whom the neighbour has on its other side.</summary>
    public NodeId[]? Beyond { get; set; }
}
