namespace P2P.Scribe;

/// <summary>Says what a message is worth.</summary>
public enum DeliveryClass
{
    /// <summary>
    /// Every member gets it, in order: what is missing is asked for again, and where nobody has it any more the member is told of the gap. For chat,
    /// shots, scores.
    /// </summary>
    Ordered = 0,

    /// <summary>
    /// Only the latest of an author and a key counts: a newer one takes the place of those that still wait, and older ones are dropped. For positions and
    /// other values that change all the time.
    /// </summary>
    Sequenced = 1,

    /// <summary>It arrives or it does not, in the order of its author. For sound and video.</summary>
    BestEffort = 2,
}
