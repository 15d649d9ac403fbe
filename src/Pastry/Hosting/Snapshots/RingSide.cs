namespace P2P.Pastry;

/// <summary>Names the sides of a node on the ring.</summary>
public enum RingSide
{
    /// <summary>Counterclockwise, towards lower ids.</summary>
    Left,

    /// <summary>Clockwise, towards higher ids.</summary>
    Right,
}
