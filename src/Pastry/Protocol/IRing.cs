using P2P.Pastry.Wire;

namespace P2P.Pastry.Protocol;

/// <summary>Is what the parts of a node's machine tell each other through the machine.</summary>
internal interface IRing
{
    /// <summary>A node did not answer in time: it is passed over from now on, and probed.</summary>
    void Suspect(NodeHandle node);

    /// <summary>Asks a node for a sign of life, unless one is awaited already.</summary>
    /// <param name="node">The node.</param>
    /// <param name="informant">Who named it, or null where this node knows it by itself.</param>
    void Probe(NodeHandle node, NodeHandle? informant = null);

    /// <summary>
    /// A node is dead, has left, or has started another life: what the tables hold of that life, and of earlier ones where its word is
    /// there for it, goes from them.
    /// </summary>
    void Bury(NodeHandle node, NeighborChange change);

    /// <summary>A node has come into the leaf set or gone from it; applications and the shell learn of it.</summary>
    void NeighborChanged(NodeHandle node, NeighborChange change);

    /// <summary>The leaf set has changed, and is whole again.</summary>
    void LeafSetChanged();

    /// <summary>No probe is awaited any more.</summary>
    void ProbesSettled();

    /// <summary>Nobody is there to join: this node begins a ring, and asks now and then after those whom it remembers.</summary>
    void Found(IReadOnlyList<NodeHandle> absent);

    /// <summary>Tells whether this node may deliver a message for the key, of which no node that it may forward to is closer.</summary>
    bool MayDeliver(NodeId key);

    /// <summary>Lets applications see, change or stop a message before it goes on or is delivered.</summary>
    Passage PassThrough(ref Message message, NodeHandle? previousHop, ref NodeHandle? nextHop);

    /// <summary>A message has arrived at the node closest to its key.</summary>
    /// <returns>True where an application has taken it.</returns>
    bool Arrived(in Message message);

    /// <summary>Tells the origin of a message that an application has taken it.</summary>
    void Confirm(NodeHandle origin, ulong number);
}
