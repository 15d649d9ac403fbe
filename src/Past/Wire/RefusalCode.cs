namespace P2P.Past.Wire;

/// <summary>Numbers the reasons why a node does not store a replica, as they stand on the wire. Later releases add to them.</summary>
internal enum RefusalCode : byte
{
    None = 0,
    BadCertificate = 1,
    CorruptContent = 2,
    FileIdExists = 3,
    NoRoom = 4,
    TooManyReplicas = 5,
    TooFewNodes = 6,
    SourceUnreachable = 7,
    Busy = 8,
    NotResponsible = 9,
    StorageFailed = 10,
    Reclaimed = 11,
    NoPermit = 12,
    PermitExpired = 13,
    AlreadyHeld = 14,
}
