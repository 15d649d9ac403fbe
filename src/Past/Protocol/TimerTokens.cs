namespace P2P.Past.Protocol;

/// <summary>Tells the machine's timers apart: the purpose stands in the top byte, an operation's id below.</summary>
internal static class TimerTokens
{
    public const ulong MaintenanceSweep = 1UL << PurposeShift;
    public const ulong StoreProgress = 2UL << PurposeShift;
    public const ulong MaintenanceOffers = 5UL << PurposeShift;
    public const ulong MaintenancePage = 6UL << PurposeShift;
    public const ulong StorageNotice = 8UL << PurposeShift;
    public const ulong CopyExpiry = 11UL << PurposeShift;
    public const ulong NeighborRole = 12UL << PurposeShift;
    public const ulong MaintenanceRepairs = 30UL << PurposeShift;
    public const ulong MaintenanceComparison = 31UL << PurposeShift;

    private const int PurposeShift = 56;
    private const ulong InsertPurpose = 3UL << PurposeShift;
    private const ulong LookupPurpose = 4UL << PurposeShift;
    private const ulong ReclaimPurpose = 7UL << PurposeShift;
    private const ulong DiversionPurpose = 9UL << PurposeShift;
    private const ulong CopyPurpose = 10UL << PurposeShift;
    private const ulong PurposeMask = 0xFFUL << PurposeShift;

    /// <summary>Operations have ids that leave the top byte free.</summary>
    public const ulong OperationMask = ~PurposeMask;

    public static ulong Insert(ulong operation) => InsertPurpose | operation;

    public static ulong Lookup(ulong operation) => LookupPurpose | operation;

    public static ulong Reclaim(ulong operation) => ReclaimPurpose | operation;

    public static ulong Diversion(ulong operation) => DiversionPurpose | operation;

    public static ulong Copy(ulong operation) => CopyPurpose | operation;

    public static bool IsInsert(ulong token) => (token & PurposeMask) == InsertPurpose;

    public static bool IsLookup(ulong token) => (token & PurposeMask) == LookupPurpose;

    public static bool IsReclaim(ulong token) => (token & PurposeMask) == ReclaimPurpose;

    public static bool IsDiversion(ulong token) => (token & PurposeMask) == DiversionPurpose;

    public static bool IsCopy(ulong token) => (token & PurposeMask) == CopyPurpose;
}
