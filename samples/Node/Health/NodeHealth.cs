namespace NodeSample.Health;

/// <summary>Tells how a node is, in the few numbers that a watcher needs. It holds no addresses and no keys.</summary>
/// <param name="Live">Whether the node's loop goes on.</param>
/// <param name="Ready">Whether it delivers, and takes requests.</param>
/// <param name="Reason">Why it is not ready; missing where it is.</param>
/// <param name="State">How far it does: starting, joining, joined, ready, isolated, departed or stopped.</param>
/// <param name="Draining">Whether it is about to stop.</param>
/// <param name="Retiring">Whether it hands its replicas to others, to leave for good.</param>
/// <param name="Id">Its place on the ring; missing where it has none yet.</param>
/// <param name="Incarnation">Which of its lives this is.</param>
/// <param name="LeafSetSize">How many neighbours it has.</param>
/// <param name="Suspects">How many nodes it passes over, since they were silent.</param>
/// <param name="LeasesHeld">How many promises of its ring neighbours it has.</param>
/// <param name="LeasesGranted">How many it has made.</param>
/// <param name="Replicas">How many replicas it holds.</param>
/// <param name="UsedBytes">How much they take.</param>
/// <param name="CapacityBytes">How much they may take.</param>
/// <param name="RepairsWaiting">How many replicas wait to be given to nodes that lack them.</param>
/// <param name="RepairsUnderWay">How many are on their way to such nodes.</param>
/// <param name="RepairsWithoutRoom">How often nobody had room for one since the node started.</param>
/// <param name="OperationsRunning">How many puts, gets and reclaims go on for users of this node.</param>
/// <param name="UptimeSeconds">How long the process runs.</param>
/// <param name="Version">The program's version.</param>
/// <param name="WireVersions">The versions of what hosts say to each other that it speaks.</param>
internal sealed record NodeHealth(
    bool Live,
    bool Ready,
    string? Reason,
    string State,
    bool Draining,
    bool Retiring,
    string? Id,
    ulong Incarnation,
    int LeafSetSize,
    int Suspects,
    int LeasesHeld,
    int LeasesGranted,
    int Replicas,
    long UsedBytes,
    long CapacityBytes,
    int RepairsWaiting,
    int RepairsUnderWay,
    long RepairsWithoutRoom,
    int OperationsRunning,
    long UptimeSeconds,
    string Version,
    string WireVersions);
