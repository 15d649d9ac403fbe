namespace P2P.Past;

/// <summary>Says how a file is to be inserted.</summary>
public sealed record InsertOptions
{
    private const int SaltsMax = 16;

    /// <summary>
    /// How many nodes are to hold the file, the paper's k: 1 to l/2 + 1 and at most <see cref="FileCertificate.ReplicaCountMax"/>; default 3. Each takes
    /// the content's room once more.
    /// </summary>
    public int ReplicaCount { get; init; } = 3;

    /// <summary>
    /// Anything that is to stand in the certificate, readable by everyone; at most <see cref="FileCertificate.MetadataLengthMax"/> bytes, default none.
    /// It travels with each message that carries the certificate.
    /// </summary>
    public ReadOnlyMemory<byte> Metadata { get; init; }

    /// <summary>
    /// The salts to insert under, one after the other as long as nodes at a salt's place have no room; up to 16, each of at most <see cref="FileCertificate.SaltLengthMax"/> bytes. Default none:
    /// random ones, as many as <see cref="PastOptions.SaltsMax"/> says. Salts that can be computed again, as from a secret and a count, let the owner find files again whose ids nobody has
    /// kept (<see cref="FileId"/>), and tell by
    /// <see cref="StoreRefusal.FileIdExists"/> that another has been first: of those who insert under the same single salt, one at most has it stored. Under several salts, each may find room at another. Since
    /// the id may belong to somebody else's file, nothing is taken back where nodes at a salt's place refuse: what some of them hold stays, and a quota stays debited, until <see cref="IPastStore.ReclaimAsync"/>.
    /// </summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Salts { get; init; } = [];

    /// <summary>Learns how many receipts are in; default nobody. It is called on the node's loop, and returns quickly.</summary>
    public IProgress<InsertProgress>? Progress { get; init; }

    /// <summary>Checks the options.</summary>
    /// <exception cref="PastException">An option is outside of its range.</exception>
    public void Validate()
    {
        if (ReplicaCount is < 1 or > FileCertificate.ReplicaCountMax)
        {
            throw new PastException($"The option {nameof(ReplicaCount)} is {ReplicaCount}; it must be 1 to {FileCertificate.ReplicaCountMax}.");
        }

        if (Salts.Count > SaltsMax || Salts.Any(salt => salt.Length > FileCertificate.SaltLengthMax)
            || Salts.DistinctBy(salt => Convert.ToHexString(salt.Span)).Count() < Salts.Count)
        {
            throw new PastException(
                $"The option {nameof(Salts)} has {Salts.Count} salts; it must have {SaltsMax} at most, all different, each of {FileCertificate.SaltLengthMax} bytes at most.");
        }

        if (Metadata.Length > FileCertificate.MetadataLengthMax)
        {
            throw new PastException($"The option {nameof(Metadata)} has {Metadata.Length} bytes; it must be {FileCertificate.MetadataLengthMax} at most. Put more into the content.");
        }
    }
}
