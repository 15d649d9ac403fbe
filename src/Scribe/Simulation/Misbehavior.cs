namespace P2P.Scribe.Simulation;

/// <summary>Says what a simulated node does wrong: it routes, and speaks to its neighbours in the trees as others do, but does not pass on as it should.</summary>
public enum Misbehavior
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>It drops the batches that it should pass on or send again, and says in its heartbeats how far the streams are.</summary>
    DropsBatches = 1,

    /// <summary>It drops the batches, and says nothing of them in its heartbeats either.</summary>
    DropsBatchesAndDigests = 2,

    /// <summary>It alters what it passes on, so that the author's signature does not fit any more.</summary>
    AltersBatches = 3,
}
