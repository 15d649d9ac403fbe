namespace P2P.Pastry;

/// <summary>
/// Sets the parameters of a node's protocol. Nodes of one ring agree on <see cref="BitsPerDigit"/> and <see cref="LeafSetSize"/>; one that does
/// not can't join. Spans are more than zero and at most a day.
/// </summary>
public sealed record PastryOptions
{
    private static readonly TimeSpan LongestSpan = TimeSpan.FromDays(1);

    /// <summary>
    /// Bits of a digit, b; 1 to 8, default 4. Routes take about log₂ᵇ N hops; a table row holds 2^b − 1 nodes, so more bits cost memory and
    /// maintenance.
    /// </summary>
    public int BitsPerDigit { get; init; } = 4;

    /// <summary>
    /// Members of a leaf set, l; even, 2 to 128, default 32. Neighbours on one side may fail together up to l/2 − 1 before the ring is cut;
    /// a join costs about 2·l messages.
    /// </summary>
    public int LeafSetSize { get; init; } = 32;

    /// <summary>Members of the neighbourhood set, M; 0 to 128, default 32.</summary>
    public int NeighborhoodSize { get; init; } = 32;

    /// <summary>
    /// Time between two heartbeats to a ring neighbour; default 18 s. A crash is noticed after at most 1.1 · this + the probes; three messages
    /// a node are sent in each, which renew the leases of both.
    /// </summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(18);

    /// <summary>
    /// How long a lease between ring neighbours lasts; at least 1.25 · <see cref="HeartbeatInterval"/>, default 23 s. Nobody delivers in a
    /// crashed node's place before its lease has run out. A neighbour should be given up by then: the default is 1.1 heartbeats, and the
    /// probes. A shorter one survives fewer lost heartbeats.
    /// </summary>
    public TimeSpan LeaseDuration { get; init; } = TimeSpan.FromSeconds(23);

    /// <summary>How long an answer to a probe is waited for; default 1.2 s.</summary>
    public TimeSpan ProbeTimeout { get; init; } = TimeSpan.FromSeconds(1.2);

    /// <summary>How often a silent node is probed again before it is given up; 0 to 10, default 2.</summary>
    public int ProbeRetries { get; init; } = 2;

    /// <summary>
    /// The time-out of a hop to a peer whose round trip is not known; default 1 s. Once there are enough others whose round trips are known, it is
    /// theirs, if that is less.
    /// </summary>
    public TimeSpan HopTimeoutInitial { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The least time that a hop may take beyond its measured mean; default 50 ms. A hop times out after mean + 4 · deviation, or this. It
    /// covers the pauses of a busy peer; more of it makes the way around a dead one longer.
    /// </summary>
    public TimeSpan HopAllowanceMin { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>The longest time-out of a hop; default 3 s.</summary>
    public TimeSpan HopTimeoutMax { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>How many next hops are tried for one message at one node; 1 to 16, default 6.</summary>
    public int HopAttemptsMax { get; init; } = 6;

    /// <summary>
    /// How many forwarded messages may await acknowledgement at a node; default 16,384. Beyond it, messages are dropped and counted. Of those that
    /// start at the node it is fewer while acknowledgements take longer than half of <see cref="HopTimeoutInitial"/>: the ring is overloaded then.
    /// So many may await a confirmation as well.
    /// </summary>
    public int PendingHopsMax { get; init; } = 16_384;

    /// <summary>How many bytes of payload may await acknowledgement at a node; default 16 MiB. Beyond it, messages are dropped and counted.</summary>
    public long PendingBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>
    /// How long the confirmation of a message is waited for that asks for one, before it is sent again; default 5 s, and each time twice as
    /// long. Shorter loads a slow ring with repetitions; longer is slower to make up for what died with a node.
    /// </summary>
    public TimeSpan ConfirmationTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How often a message that nobody confirms is sent in all; 1 to 8, default 4: with the default time-out it is given up after 75 s. More keeps
    /// messages, and the numbers of those taken from others, in memory for longer.
    /// </summary>
    public int ConfirmationAttemptsMax { get; init; } = 4;

    /// <summary>How many messages a node keeps that it can't deliver yet; default 1,024. Beyond it, the oldest of whoever sent the most of them is dropped and counted.</summary>
    public int HeldMessagesMax { get; init; } = 1_024;

    /// <summary>How many bytes of payload a node keeps that it can't deliver yet; default 16 MiB. Beyond it, the oldest of whoever sent the most bytes are dropped and counted.</summary>
    public long HeldBytesMax { get; init; } = 16 * 1024 * 1024;

    /// <summary>How long a message is kept that can't be delivered yet; default 60 s.</summary>
    public TimeSpan HeldMessageLifetime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Whether a node that has found every other one dead goes on as a ring of one. It can't tell whether they died or it was cut off; alone,
    /// it answers for keys that others may answer for as well. By default (null) only the founder of a ring does, which was started without
    /// bootstraps; others wait until they reach somebody.
    /// </summary>
    public bool? StandsAlone { get; init; }

    /// <summary>How long an attempt to join may take before another bootstrap is tried; default 10 s.</summary>
    public TimeSpan JoinTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The longest pause between two attempts to join; default 30 s. The first is a tenth of <see cref="JoinTimeout"/>, then it doubles.</summary>
    public TimeSpan JoinBackoffMax { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Time between two exchanges of leaf sets with a member, which mends what single failures left; default 2 min.</summary>
    public TimeSpan LeafSetExchangeInterval { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>
    /// Which fraction of the routing table's entries may be dead without having been found so; the default is 0.025. It sets how often the
    /// entries are asked for a sign of life, together with the failures that the node sees (MSPastry §4.1).
    /// </summary>
    public double StaleEntriesMax { get; init; } = 0.025;

    /// <summary>Time between two rounds that ask for rows of the routing table; default 20 min.</summary>
    public TimeSpan TableMaintenanceInterval { get; init; } = TimeSpan.FromMinutes(20);

    /// <summary>Checks the options.</summary>
    /// <exception cref="PastryException">An option is outside of its range.</exception>
    public void Validate()
    {
        Require(BitsPerDigit is >= 1 and <= 8, nameof(BitsPerDigit), BitsPerDigit, "1 to 8");
        Require(LeafSetSize is >= 2 and <= 128 && LeafSetSize % 2 == 0, nameof(LeafSetSize), LeafSetSize, "an even number from 2 to 128");
        Require(NeighborhoodSize is >= 0 and <= 128, nameof(NeighborhoodSize), NeighborhoodSize, "0 to 128");
        RequireSpan(HeartbeatInterval, nameof(HeartbeatInterval));
        RequireSpan(LeaseDuration, nameof(LeaseDuration));
        Require(LeaseDuration >= 1.25 * HeartbeatInterval, nameof(LeaseDuration), LeaseDuration, $"at least a quarter longer than the {nameof(HeartbeatInterval)}");
        RequireSpan(ProbeTimeout, nameof(ProbeTimeout));
        Require(ProbeRetries is >= 0 and <= 10, nameof(ProbeRetries), ProbeRetries, "0 to 10");
        RequireSpan(HopAllowanceMin, nameof(HopAllowanceMin));
        RequireSpan(HopTimeoutInitial, nameof(HopTimeoutInitial));
        RequireSpan(HopTimeoutMax, nameof(HopTimeoutMax));
        Require(HopTimeoutInitial >= HopAllowanceMin, nameof(HopTimeoutInitial), HopTimeoutInitial, $"at least {nameof(HopAllowanceMin)}");
        Require(HopTimeoutMax >= HopTimeoutInitial, nameof(HopTimeoutMax), HopTimeoutMax, $"at least {nameof(HopTimeoutInitial)}");
        Require(HopAttemptsMax is >= 1 and <= 16, nameof(HopAttemptsMax), HopAttemptsMax, "1 to 16");
        Require(PendingHopsMax is >= 1 and <= 1 << 20, nameof(PendingHopsMax), PendingHopsMax, "1 to 1,048,576");
        Require(PendingBytesMax >= 64 * 1024, nameof(PendingBytesMax), PendingBytesMax, "64 KiB or more");
        RequireSpan(ConfirmationTimeout, nameof(ConfirmationTimeout));
        Require(ConfirmationAttemptsMax is >= 1 and <= 8, nameof(ConfirmationAttemptsMax), ConfirmationAttemptsMax, "1 to 8");
        Require(HeldBytesMax >= 64 * 1024, nameof(HeldBytesMax), HeldBytesMax, "64 KiB or more");
        Require(HeldMessagesMax >= 1, nameof(HeldMessagesMax), HeldMessagesMax, "1 or more");
        RequireSpan(HeldMessageLifetime, nameof(HeldMessageLifetime));
        RequireSpan(JoinTimeout, nameof(JoinTimeout));
        RequireSpan(JoinBackoffMax, nameof(JoinBackoffMax));
        Require(JoinBackoffMax >= JoinTimeout / 10, nameof(JoinBackoffMax), JoinBackoffMax, $"at least a tenth of {nameof(JoinTimeout)}");
        Require(StaleEntriesMax is > 0 and <= 1, nameof(StaleEntriesMax), StaleEntriesMax, "above 0 and at most 1");
        RequireSpan(LeafSetExchangeInterval, nameof(LeafSetExchangeInterval));
        RequireSpan(TableMaintenanceInterval, nameof(TableMaintenanceInterval));
    }

    private static void RequireSpan(TimeSpan value, string option) =>
        Require(value > TimeSpan.Zero && value <= LongestSpan, option, value, $"more than zero and at most {LongestSpan.TotalDays:f0} day");

    private static void Require(bool holds, string option, object value, string expected)
    {
        if (!holds)
        {
            throw new PastryException($"The option {option} is {value}; it must be {expected}.");
        }
    }
}
