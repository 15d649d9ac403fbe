using P2P.Pastry;

namespace P2P.Past;

/// <summary>Names a file for which there is to be room.</summary>
/// <param name="FileId">The id under which it is to be stored.</param>
/// <param name="Owner">Signs for the owner, to whom the file is debited.</param>
/// <param name="ContentLength">The length of its content in bytes.</param>
/// <param name="ReplicaCount">How many nodes are to hold it.</param>
public sealed record QuotaRequest(FileId FileId, ISigner Owner, long ContentLength, int ReplicaCount);
