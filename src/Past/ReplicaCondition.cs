namespace P2P.Past;

/// <summary>Tells what a scrub found.</summary>
public enum ReplicaCondition
{
    /// <summary>Every byte hashes as the certificate says.</summary>
    Intact,

    /// <summary>The replica was damaged and has been put aside.</summary>
    Corrupt,

    /// <summary>No replica is stored.</summary>
    Missing,
}
