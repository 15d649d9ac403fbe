using P2P.Pastry.Protocol;

namespace P2P.Pastry;

/// <summary>Shows what a node has counted since it started, and what it holds now.</summary>
public sealed record PastryCounters
{
    /// <summary>How many routed messages were delivered here.</summary>
    public required long Delivered { get; init; }

    /// <summary>How many routed messages were sent to a next hop, those that started here and those sent again included.</summary>
    public required long Forwarded { get; init; }

    /// <summary>How many routed messages wait until they can go on.</summary>
    public required int Held { get; init; }

    /// <summary>How many routed messages wait for the next hop's acknowledgement.</summary>
    public required int Underway { get; init; }

    /// <summary>How often a next hop did not acknowledge a message in time.</summary>
    public required long HopTimeouts { get; init; }

    /// <summary>How many messages were given up because too many were under way, or too many hops were silent.</summary>
    public required long DroppedUnderway { get; init; }

    /// <summary>How many messages were given up because they had waited too long, or too many waited.</summary>
    public required long DroppedWaiting { get; init; }

    /// <summary>How many messages were given up because they had made so many hops that they were caught in a loop.</summary>
    public required long DroppedLoops { get; init; }

    /// <summary>How many messages of others were of a kind, a form or an application that the node does not know.</summary>
    public required long DroppedUnknown { get; init; }

    /// <summary>How often a node was passed over because it was silent.</summary>
    public required long Suspected { get; init; }

    /// <summary>How many nodes were given up because they answered no probes.</summary>
    public required long FoundDead { get; init; }

    /// <summary>How many messages that started here and were to be confirmed somebody has taken.</summary>
    public required long Confirmed { get; init; }

    /// <summary>How many of them nobody has confirmed in time.</summary>
    public required long Unconfirmed { get; init; }

    /// <summary>How many of them were never sent, since too many waited already.</summary>
    public required long NotStarted { get; init; }

    /// <summary>How often one of them was sent once more.</summary>
    public required long Repeated { get; init; }

    /// <summary>How many of them wait for their confirmation.</summary>
    public required int AwaitingConfirmation { get; init; }

    /// <summary>How often the node became part of a ring.</summary>
    public required long Joins { get; init; }

    /// <summary>How many attempts to do so failed.</summary>
    public required long JoinsFailed { get; init; }

    /// <summary>How many messages of the protocol itself were sent, acknowledgements apart.</summary>
    public required long ControlSent { get; init; }

    internal static PastryCounters Of(PastryMachine machine)
    {
        var counters = machine.Counters;
        return new PastryCounters
        {
            Delivered = counters.Delivered,
            Forwarded = counters.Forwarded,
            Held = machine.HeldCount,
            Underway = machine.PendingCount,
            HopTimeouts = counters.HopTimeouts,
            DroppedUnderway = counters.DroppedUnderway,
            DroppedWaiting = counters.DroppedWaiting,
            DroppedLoops = counters.DroppedLoops,
            DroppedUnknown = counters.UnknownMessages,
            Suspected = counters.Suspected,
            FoundDead = counters.FoundDead,
            Confirmed = counters.Confirmed,
            Unconfirmed = counters.Unconfirmed,
            NotStarted = counters.NotStarted,
            Repeated = counters.Repeated,
            AwaitingConfirmation = machine.UnconfirmedCount,
            Joins = counters.Joins,
            JoinsFailed = counters.JoinsFailed,
            ControlSent = counters.ControlSent,
        };
    }
}
