namespace P2P.Past.Simulation;

/// <summary>Is a file of a <see cref="VirtualArchive"/>: it has an id, a length and a number of replicas, and no bytes.</summary>
/// <param name="FileId">The file's id. <see cref="VirtualArchive.NewFile"/> draws one; <see cref="Past.FileId.Compute(string, Pastry.PublicKey, ReadOnlySpan{byte})"/> gives that of a name.</param>
/// <param name="Length">The length of its content in bytes, 0 to 1 TiB.</param>
/// <param name="ReplicaCount">How many replicas it should have, 1 to <see cref="FileCertificate.ReplicaCountMax"/>.</param>
public readonly record struct VirtualFile(FileId FileId, long Length, int ReplicaCount);
