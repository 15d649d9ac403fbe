namespace P2P.Scribe;

/// <summary>Says which way messages take from their author to the members of a group.</summary>
public enum Dissemination
{
    /// <summary>
    /// Over the rendezvous point and down the tree. Ordered messages have one order for all members, and survive the loss of the rendezvous point; it
    /// handles every message of the group.
    /// </summary>
    ThroughRoot = 0,

    /// <summary>
    /// Along the tree from where the author is, up and down. Nobody has to be reached first, and no state of the group is lost with the rendezvous point; ordered messages
    /// are in the order of their author only.
    /// </summary>
    Crawling = 1,
}
