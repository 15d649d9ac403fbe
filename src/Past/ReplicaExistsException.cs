namespace P2P.Past;

/// <summary>
/// Says that a file's id is taken: a store holds a replica of it, or is just writing or removing one. A later insert is rejected (PAST
/// §2.2).
/// </summary>
public sealed class ReplicaExistsException : PastException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="fileId">The id that is taken.</param>
    /// <param name="isStored">Whether the replica is whole and stored, rather than being written or removed.</param>
    public ReplicaExistsException(FileId fileId, bool isStored)
        : base(isStored ? $"A replica of {fileId} is stored already." : $"A replica of {fileId} is being written or removed at this moment.")
    {
        FileId = fileId;
        IsStored = isStored;
    }

    /// <summary>The id that is taken.</summary>
    public FileId FileId { get; }

    /// <summary>Whether the replica is whole and stored, rather than being written or removed at this moment.</summary>
    public bool IsStored { get; }
}
