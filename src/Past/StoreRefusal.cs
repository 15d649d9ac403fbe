namespace P2P.Past;

/// <summary>Tells why a node did not store a replica. The numbers are on the wire.</summary>
public enum StoreRefusal
{
    /// <summary>It did store it.</summary>
    None = 0,

    /// <summary>The certificate's signature is not its owner's.</summary>
    BadCertificate = 1,

    /// <summary>The content does not hash as the certificate says.</summary>
    CorruptContent = 2,

    /// <summary>Another file has this id; insert under another name or salt.</summary>
    FileIdExists = 3,

    /// <summary>The node has no room for the file.</summary>
    NoRoom = 4,

    /// <summary>More replicas are asked for than a leaf set can answer for: k must be at most l/2 + 1.</summary>
    TooManyReplicas = 5,

    /// <summary>The ring has fewer nodes than replicas are asked for.</summary>
    TooFewNodes = 6,

    /// <summary>The content could not be fetched from any source.</summary>
    SourceUnreachable = 7,

    /// <summary>The node has too much to do; try again later.</summary>
    Busy = 8,

    /// <summary>The node is not among those closest to the file's id.</summary>
    NotResponsible = 9,

    /// <summary>The node's disk or store failed.</summary>
    StorageFailed = 10,
}
