namespace P2P.Past;

/// <summary>Tells why an insert was refused.</summary>
public enum StoreRefusal
{
    /// <summary>A node gave a reason that this release does not know, and gave it again when it was asked again.</summary>
    Unknown,

    /// <summary>The certificate's signature is not its owner's.</summary>
    BadCertificate,

    /// <summary>The content does not hash as the certificate says.</summary>
    CorruptContent,

    /// <summary>Another file has this id; insert under another name or salt.</summary>
    FileIdExists,

    /// <summary>A node that should hold the file has no room for it, and none of its neighbours either; nor had those at the other salts that were tried.</summary>
    NoRoom,

    /// <summary>More replicas are asked for than a leaf set can answer for: k must be at most l/2 + 1.</summary>
    TooManyReplicas,

    /// <summary>The ring has fewer nodes than replicas are asked for.</summary>
    TooFewNodes,

    /// <summary>The disk or store of a node that should hold the file failed.</summary>
    StorageFailed,

    /// <summary>The owner has taken the file back; insert it under another salt.</summary>
    Reclaimed,

    /// <summary>A node asks for the permit of a broker that it trusts, and the certificate has none for this very file.</summary>
    NoPermit,

    /// <summary>The broker's permit has expired before the file was stored; insert the file anew.</summary>
    PermitExpired,
}
