namespace P2P.Pastry.Wire;

/// <summary>Bounds what a message may hold, whoever sent it.</summary>
internal static class Limits
{
    /// <summary>The most handles in a leaf set, a neighbourhood or a list of failed nodes.</summary>
    public const int HandlesPerList = 256;

    /// <summary>The most handles in a row: a table with digits of 8 bits has 255, and its owner joins them when it gives the row away.</summary>
    public const int HandlesPerRow = 256;

    /// <summary>The most neighbours on the far side that a heartbeat names.</summary>
    public const int NeighborsBeyond = 4;

    /// <summary>The most nodes near a bootstrap that a newcomer is told of.</summary>
    public const int NearMax = 32;

    /// <summary>The most bytes that the rows for a newcomer take, so that they fit a message together with a leaf set and near nodes.</summary>
    public const int RowsLength = 48 * 1024;

    /// <summary>The most rows: a table with digits of 1 bit has 128.</summary>
    public const int Rows = 128;

    /// <summary>A routed message that has made so many hops is caught in a loop.</summary>
    public const int Hops = 64;
}
