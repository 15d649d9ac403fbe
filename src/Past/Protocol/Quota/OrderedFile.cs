namespace P2P.Past.Protocol;

/// <summary>Is a file for which an owner wants a permit.</summary>
internal readonly record struct OrderedFile(FileId FileId, long ContentLength, int ReplicaCount);
