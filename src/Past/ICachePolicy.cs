namespace P2P.Past;

/// <summary>
/// Decides which cached copy goes when another needs its room. Each node has a policy of its own, which knows the copies that it was told of
/// (<see cref="Admitted"/>) and that have not gone since.
/// </summary>
/// <remarks>
/// Called on one thread at a time, within the node's step: a policy returns quickly, waits for nothing, and takes neither time nor chance from
/// anywhere, so that a simulation with it can be repeated.
/// </remarks>
public interface ICachePolicy
{
    /// <summary>Learns of a copy that is there from now on.</summary>
    /// <param name="fileId">A file of which the policy knows no copy.</param>
    /// <param name="length">How many bytes the copy takes, 1 or more.</param>
    void Admitted(FileId fileId, long length);

    /// <summary>Learns that a lookup was answered with a copy.</summary>
    void Hit(FileId fileId);

    /// <summary>Learns that a copy has gone for another reason than room. Does nothing where the policy knows of none.</summary>
    void Removed(FileId fileId);

    /// <summary>Names the copy that goes next; the policy knows it no more.</summary>
    /// <param name="fileId">The file.</param>
    /// <returns>False where the policy knows of no copy.</returns>
    bool TryEvict(out FileId fileId);
}
