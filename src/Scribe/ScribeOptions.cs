using P2P.Pastry;

namespace P2P.Scribe;

/// <summary>Sets the parameters of SCRIBE on one node.</summary>
public sealed record ScribeOptions
{
    /// <summary>
    /// How often a parent tells its children that it lives, where no message of any group has told them already; default 0.5 s. One message a neighbour, for
    /// all groups.
    /// </summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How long a parent may be silent until its children look for another; at least two times <see cref="HeartbeatInterval"/>, default 2 s. Less repairs
    /// faster, and leaves parents that are only slow.
    /// </summary>
    public TimeSpan FailureTimeout { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How long an answer of a node is awaited of which no round trip is known; default 0.5 s. Of others it is three round trips and 0.1 s.
    /// </summary>
    public TimeSpan HopTimeoutInitial { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>
    /// How many children a node takes in a group, 2 to 4,096; default 64. Who comes beyond that is handed to one of the children. More of it makes flatter
    /// trees, and busier nodes.
    /// </summary>
    public int ChildrenMax { get; init; } = 64;

    /// <summary>
    /// How many bytes of messages may be under way to one neighbour in the trees, 64 KiB to 16 MiB; default 256 KiB. One that takes less falls behind, alone.
    /// More of it fills longer wires, and makes what reaches a slow neighbour older.
    /// </summary>
    public int WindowBytes { get; init; } = 256 * 1024;

    /// <summary>
    /// How many bytes of a group's sequenced and best-effort messages a node keeps for neighbours that are behind, for all of them together, 64 KiB to 64 MiB;
    /// default 1 MiB. Beyond it, the oldest best-effort messages are dropped, which members are told.
    /// </summary>
    public int BacklogBytesMax { get; init; } = 1024 * 1024;

    /// <summary>
    /// How many nodes keep the state of a rendezvous point, it included; 1 to 16, default 5: the paper's k. A message is acknowledged when all of them have it
    /// that live. The ring's leaf sets should have twice as many members or more (<see cref="PastryOptions.LeafSetSize"/>), so that each of these nodes sees the others.
    /// </summary>
    public int ReplicaCount { get; init; } = 5;

    /// <summary>
    /// How many groups a node takes part in, as a member or for others; 1 to 1,000,000, default 16,384. Beyond it, newcomers go elsewhere. For one neighbour a node takes part in no more
    /// than are still free then: in half of them at most.
    /// </summary>
    public int GroupsMax { get; init; } = 16_384;

    /// <summary>
    /// How long to join, to create or to publish may take until its outcome is that nobody could be reached; default 30 s.
    /// </summary>
    public TimeSpan OperationTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How often a missing batch is asked for until it counts as lost, 1 to 100; default 12. Attempts are <see cref="ReplayInterval"/> apart.
    /// </summary>
    public int ReplayAttemptsMax { get; init; } = 12;

    /// <summary>
    /// How often a member says that it is in its group, where members are shown; default 20 s. Of more than a hundred members each says so more rarely.
    /// </summary>
    public TimeSpan PresenceInterval { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How long a member may think about an anycast until the next one is asked; default 1 s.</summary>
    public TimeSpan AnycastPatience { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long to wait until a missing batch is asked for once more; default 0.3 s.</summary>
    public TimeSpan ReplayInterval { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>Checks every value against its range.</summary>
    /// <exception cref="ScribeException">A value is outside its range; the message says which and why.</exception>
    public void Validate()
    {
        Require(HeartbeatInterval > TimeSpan.Zero, nameof(HeartbeatInterval), HeartbeatInterval, "positive");
        Require(FailureTimeout >= 2 * HeartbeatInterval, nameof(FailureTimeout), FailureTimeout, $"at least two times {nameof(HeartbeatInterval)}");
        Require(HopTimeoutInitial > TimeSpan.Zero, nameof(HopTimeoutInitial), HopTimeoutInitial, "positive");
        Require(ChildrenMax is >= 2 and <= 4096, nameof(ChildrenMax), ChildrenMax, "2 to 4096");
        Require(WindowBytes is >= 64 * 1024 and <= 16 * 1024 * 1024, nameof(WindowBytes), WindowBytes, "65536 to 16777216");
        Require(BacklogBytesMax is >= 64 * 1024 and <= 64 * 1024 * 1024, nameof(BacklogBytesMax), BacklogBytesMax, "65536 to 67108864");
        Require(ReplicaCount is >= 1 and <= 16, nameof(ReplicaCount), ReplicaCount, "1 to 16");
        Require(GroupsMax is >= 1 and <= 1_000_000, nameof(GroupsMax), GroupsMax, "1 to 1000000");
        Require(OperationTimeout > TimeSpan.Zero, nameof(OperationTimeout), OperationTimeout, "positive");
        Require(ReplayAttemptsMax is >= 1 and <= 100, nameof(ReplayAttemptsMax), ReplayAttemptsMax, "1 to 100");
        Require(PresenceInterval > TimeSpan.Zero, nameof(PresenceInterval), PresenceInterval, "positive");
        Require(AnycastPatience > TimeSpan.Zero, nameof(AnycastPatience), AnycastPatience, "positive");
        Require(ReplayInterval > TimeSpan.Zero, nameof(ReplayInterval), ReplayInterval, "positive");
    }

    private static void Require(bool condition, string name, object value, string range)
    {
        if (!condition)
        {
            throw new ScribeException($"{nameof(ScribeOptions)}.{name} is {value}; it must be {range}.");
        }
    }
}
