using P2P.Pastry;

namespace P2P.Scribe;

/// <summary>Is a message as a member gets it: signed by its author, and verified.</summary>
public sealed record GroupMessage
{
    /// <summary>Who has published it: the id that a node with the author's key has.</summary>
    public required NodeId Author { get; init; }

    /// <summary>What it is worth.</summary>
    public required DeliveryClass Class { get; init; }

    /// <summary>Which of the author's values it is, where it is sequenced.</summary>
    public required ulong Key { get; init; }

    /// <summary>Its place in the group's order, where it is ordered; messages of the same place came together and are given in their order.</summary>
    public required GroupPosition? Position { get; init; }

    /// <summary>What it says. It stays valid, and must not be changed: others may hold the same bytes.</summary>
    public required ReadOnlyMemory<byte> Content { get; init; }
}
