namespace P2P.Past;

/// <summary>Says that a replica does not fit: the store's capacity is reached, or the disk is full.</summary>
public sealed class ReplicaStoreFullException : PastException
{
    /// <summary>Creates the exception for a store whose capacity is reached.</summary>
    /// <param name="message">What did not fit where.</param>
    public ReplicaStoreFullException(string message)
        : base(message)
    {
    }

    /// <summary>Creates the exception for a disk that is full.</summary>
    /// <param name="message">What did not fit where.</param>
    /// <param name="innerException">What the disk said.</param>
    public ReplicaStoreFullException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
