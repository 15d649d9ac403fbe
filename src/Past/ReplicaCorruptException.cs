namespace P2P.Past;

/// <summary>
/// Says that a stored replica is damaged. Its bytes were not given out; <see cref="IReplicaStore.VerifyAsync"/> puts it aside.
/// </summary>
public sealed class ReplicaCorruptException : PastException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="fileId">The damaged replica.</param>
    /// <param name="message">What is damaged.</param>
    /// <param name="innerException">What the disk said, where it was the disk that refused.</param>
    public ReplicaCorruptException(FileId fileId, string message, Exception? innerException = null)
        : base(message, innerException!) => FileId = fileId;

    /// <summary>The damaged replica.</summary>
    public FileId FileId { get; }
}
