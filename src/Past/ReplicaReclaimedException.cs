namespace P2P.Past;

/// <summary>Is thrown where a replica is to be stored whose owner has taken the file back.</summary>
/// <param name="fileId">The file.</param>
public sealed class ReplicaReclaimedException(FileId fileId) : PastException($"The owner of {fileId} has taken the file back; insert it under another salt.")
{
    /// <summary>The file.</summary>
    public FileId FileId { get; } = fileId;
}
