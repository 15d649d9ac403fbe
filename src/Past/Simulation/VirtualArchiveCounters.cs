namespace P2P.Past.Simulation;

/// <summary>Counts what has happened in a <see cref="VirtualArchive"/> since it was made.</summary>
public sealed record VirtualArchiveCounters
{
    /// <summary>How many inserts ended with all receipts.</summary>
    public long InsertsStored { get; internal set; }

    /// <summary>How many inserts were refused.</summary>
    public long InsertsRefused { get; internal set; }

    /// <summary>How many inserts ended with fewer receipts, and without a refusal.</summary>
    public long InsertsIndeterminate { get; internal set; }

    /// <summary>How many lookups found their file.</summary>
    public long LookupsFound { get; internal set; }

    /// <summary>How many lookups ended with the certainty that there is no such file.</summary>
    public long LookupsNotFound { get; internal set; }

    /// <summary>How many lookups ended without any certainty.</summary>
    public long LookupsUnreachable { get; internal set; }

    /// <summary>How many replicas have come to disks, for inserts and by maintenance.</summary>
    public long ReplicasStored { get; internal set; }

    /// <summary>How many replicas were given up, because others hold the file or its owner took it back.</summary>
    public long ReplicasDropped { get; internal set; }

    /// <summary>How many bytes of content have come to disks, for inserts and by maintenance.</summary>
    public long StoredBytes { get; internal set; }

    /// <summary>How many of these bytes maintenance has moved.</summary>
    public long RepairedBytes { get; internal set; }

    /// <summary>How many bytes of content lookups have brought to those who asked.</summary>
    public long LookedUpBytes { get; internal set; }
}
