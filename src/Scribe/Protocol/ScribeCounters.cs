namespace P2P.Scribe.Protocol;

/// <summary>Counts what a node has done since it started.</summary>
internal sealed class ScribeCounters
{
    /// <summary>Batches sent to children and parents.</summary>
    public long Forwarded { get; set; }

    /// <summary>Batches sent once more to who had missed them.</summary>
    public long Replayed { get; set; }

    /// <summary>How often missing batches were asked for.</summary>
    public long ReplaysAsked { get; set; }

    /// <summary>Batches that nobody may send here, or that were here already.</summary>
    public long Unwanted { get; set; }

    /// <summary>Batches that their author has not signed, or may not publish.</summary>
    public long Forged { get; set; }

    /// <summary>Batches for which there was no room.</summary>
    public long Dropped { get; set; }

    /// <summary>Publications beyond what a group allows.</summary>
    public long TooMany { get; set; }
}
