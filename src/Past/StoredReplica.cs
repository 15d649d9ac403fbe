namespace P2P.Past;

/// <summary>Is what a replica store tells of a replica without opening it.</summary>
/// <param name="FileId">The file.</param>
/// <param name="ReplicaCount">How many replicas the file should have: k of its certificate.</param>
public readonly record struct StoredReplica(FileId FileId, int ReplicaCount);
