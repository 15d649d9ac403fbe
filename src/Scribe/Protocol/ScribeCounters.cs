namespace P2P.Scribe.Protocol;

/// <summary>Counts what a node has done since it started.</summary>
internal sealed class ScribeCounters
{
    /// <summary>Batches given to this node's members.</summary>
    public long Delivered { get; set; }

    /// <summary>Ordered batches that members were told are lost.</summary>
    public long Lost { get; set; }

    /// <summary>Trees in which the node is, as of the last heartbeat.</summary>
    public long Groups { get; set; }

    /// <summary>Children in all of them.</summary>
    public long Children { get; set; }

    /// <summary>Groups whose rendezvous point the node is.</summary>
    public long Roots { get; set; }

    /// <summary>Batches sent to children and parents.</summary>
    public long Forwarded { get; set; }

    /// <summary>The bytes of those, with keys and signatures.</summary>
    public long ForwardedBytes { get; set; }

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

    /// <summary>Publications, batches that crawl, and anycasts beyond what a group allows.</summary>
    public long TooMany { get; set; }

    /// <summary>Requests to join without an invitation, or to begin groups that their creator has not signed.</summary>
    public long Denied { get; set; }

    /// <summary>Requests to join, to begin or to look for groups beyond how many a node takes part in, for one neighbour or for all, keeps, or asks after.</summary>
    public long TooManyGroups { get; set; }

    /// <summary>How much was refused for a cause.</summary>
    public long RefusedFor(RefusalCause cause) => cause switch
    {
        RefusalCause.RateExceeded => TooMany,
        RefusalCause.NotAllowed => Forged + Denied,
        RefusalCause.TooManyGroups => TooManyGroups,
        _ => Dropped,
    };

    /// <summary>Adds what another node has counted.</summary>
    public void Add(ScribeCounters other)
    {
        Delivered += other.Delivered;
        Lost += other.Lost;
        Forwarded += other.Forwarded;
        ForwardedBytes += other.ForwardedBytes;
        Replayed += other.Replayed;
        ReplaysAsked += other.ReplaysAsked;
        Unwanted += other.Unwanted;
        Forged += other.Forged;
        Dropped += other.Dropped;
        TooMany += other.TooMany;
        Denied += other.Denied;
        TooManyGroups += other.TooManyGroups;
    }
}
