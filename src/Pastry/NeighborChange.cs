namespace P2P.Pastry;

/// <summary>Tells how the leaf set changed.</summary>
public enum NeighborChange
{
    /// <summary>A node has come into the leaf set.</summary>
    Joined,

    /// <summary>A node has been found dead.</summary>
    Failed,

    /// <summary>A node has said farewell.</summary>
    Departed,

    /// <summary>A node has started another life and joins anew; what it held in memory is gone.</summary>
    Restarted,

    /// <summary>A node lives, but nearer ones have taken its place in the leaf set.</summary>
    Displaced,
}
