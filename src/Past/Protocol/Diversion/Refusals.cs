using P2P.Past.Wire;

namespace P2P.Past.Protocol;

/// <summary>Tells what a node's refusal means to the client of an insert.</summary>
internal static class Refusals
{
    /// <summary>Tells whether the ring may be changing, or its nodes be busy: another try may be answered otherwise.</summary>
    public static bool IsPassing(this RefusalCode code) =>
        code is RefusalCode.None or RefusalCode.SourceUnreachable or RefusalCode.Busy or RefusalCode.NotResponsible;

    /// <summary>Gives the user's reason.</summary>
    public static StoreRefusal ToReason(this RefusalCode code) => code switch
    {
        RefusalCode.BadCertificate => StoreRefusal.BadCertificate,
        RefusalCode.CorruptContent => StoreRefusal.CorruptContent,
        RefusalCode.FileIdExists => StoreRefusal.FileIdExists,
        RefusalCode.NoRoom => StoreRefusal.NoRoom,
        RefusalCode.TooManyReplicas => StoreRefusal.TooManyReplicas,
        RefusalCode.TooFewNodes => StoreRefusal.TooFewNodes,
        RefusalCode.StorageFailed => StoreRefusal.StorageFailed,
        RefusalCode.Reclaimed => StoreRefusal.Reclaimed,
        RefusalCode.NoPermit => StoreRefusal.NoPermit,
        RefusalCode.PermitExpired => StoreRefusal.PermitExpired,
        _ => StoreRefusal.Unknown,
    };
}
