namespace P2P.Past;

/// <summary>Tells how far a node is with the replicas that it gives to others that lack them.</summary>
/// <param name="Waiting">How many replicas wait for their turn, those of files with the fewest replicas first.</param>
/// <param name="UnderWay">How many are on their way.</param>
/// <param name="ReplicasGiven">How many have arrived since the node started, as those who got them say, perhaps from another holder.</param>
/// <param name="BytesGiven">How many bytes of content these have.</param>
/// <param name="BytesPerSecond">How fast they have arrived lately; 0 when nothing is to be done.</param>
/// <param name="WithoutRoom">
/// How often a replica was refused since the node started because neither who should hold it nor anybody around had room: its file stays at fewer replicas than it should have,
/// and is tried again in each round.
/// </param>
public readonly record struct RepairProgress(int Waiting, int UnderWay, long ReplicasGiven, long BytesGiven, double BytesPerSecond, long WithoutRoom = 0);
